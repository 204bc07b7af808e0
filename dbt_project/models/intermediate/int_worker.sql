{{ row_subject(
    'employment',
    key=['person_id'],
    names='person',
    asked=['support_date', 'recommended_at', 'ledger_date', 'project_id'],
    year_ago=true
) }}
