{{ row_subject(
    'employment',
    key=['person_id'],
    names='person',
    asked=['support_date', 'recommended_at']
) }}
