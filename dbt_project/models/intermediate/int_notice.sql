{{ row_subject(
    'public_notice',
    key=['notice_id', 'channel'],
    asked=['objection_closed_at', 'end_date'],
    made={
        'is_new': in_month('r.start_date', 'r.period'),
        'working_days': working_days_between('r.start_date', 'r.end_date'),
        'working_days_after_first': working_days_between('r.start_date', 'r.end_date', after=true),
        'objection_days': days_between('r.start_date', 'r.objection_closed_at'),
    }
) }}
