{{ row_subject(
    'application',
    key=['app_id'],
    names='household',
    asked=['accepted_at'],
    made={
        'is_new': in_month('r.submitted_at', 'r.period'),
        'is_closed_now': is_this_month('r', 'closed_at'),
        'accept_days': days_between('r.submitted_at', 'r.accepted_at'),
        'close_days': days_between('r.submitted_at', 'r.closed_at'),
    }
) }}
