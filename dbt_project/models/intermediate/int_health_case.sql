{{ row_subject(
    'health_case',
    key=['person_id', 'disease_code'],
    names='person',
    asked=['checkup_date'],
    groups={
        'in_care': ['treatment_status', 'treatment_status', 'in_care'],
        'is_managed_kind': ['disease_code', 'disease', 'managed'],
    }
) }}
