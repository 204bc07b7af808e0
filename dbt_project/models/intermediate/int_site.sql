{{ row_subject(
    'relocation_site',
    key=['site'],
    asked=['land_approved_date', 'upkeep_owner', 'last_check', 'done_date', 'acceptance_date']
) }}
