{{ row_subject(
    'support_measure',
    key=['measure_id'],
    names='household',
    asked=[
        'risk_code', 'plan_date', 'approved_at', 'done_date', 'source_file', 'source_row', 'cause_code', 'measure_date',
        'granted_date', 'started_at', 'amount', 'due_date'
    ],
    made={
        'is_overdue': 'case when r.done_date is not null then false when not ' ~ cell_refused('r', 'done_date')
            ~ ' then r.due_date <= ' ~ last_day_of('r.period') ~ ' end'
    }
) }}
