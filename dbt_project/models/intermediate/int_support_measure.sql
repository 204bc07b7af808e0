{{ row_subject(
    'support_measure',
    key=['measure_id'],
    names='household',
    asked=['granted_date', 'started_at', 'done_date', 'result', 'amount', 'due_date', 'priority', 'proposed_at', 'confirmed_at', 'lead_dept'],
    made={'is_overdue': 'r.due_date <= ' ~ last_day_of('r.period') ~ ' and r.done_date is null'}
) }}
