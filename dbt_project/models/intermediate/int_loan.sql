{{ row_subject(
    'micro_loan',
    key=['loan_id'],
    names='household',
    groups={'is_startup': ['loan_type', 'loan_type', 'startup'], 'is_allowed': ['purpose', 'loan_purpose', 'allowed']}
) }}
