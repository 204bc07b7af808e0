{{ row_subject(
    'support_measure',
    key=['measure_id'],
    names='household',
    asked=['risk_code', 'plan_date', 'approved_at', 'done_date', 'source_file', 'source_row', 'cause_code', 'measure_date']
) }}
