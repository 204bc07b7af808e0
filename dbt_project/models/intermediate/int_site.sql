{{ row_subject(
    'relocation_site',
    key=['site'],
    asked=['land_approved_date', 'upkeep_owner', 'last_check', 'fire_check_date', 'done_date', 'acceptance_date']
) }}
