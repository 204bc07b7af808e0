{{ row_subject(
    'public_notice',
    key=['notice_id', 'channel'],
    asked=['objection_closed_at', 'end_date'],
    made={
        'is_new': in_month('r.start_date', 'r.period'),
        'weekdays': weekdays_between('r.start_date', 'r.end_date'),
        'weekdays_after_first': weekdays_between('r.start_date', 'r.end_date') ~ ' - ' ~ weekdays_between('r.start_date', 'r.start_date'),
        'objection_days': days_between('r.start_date', 'r.objection_closed_at'),
    }
) }}
