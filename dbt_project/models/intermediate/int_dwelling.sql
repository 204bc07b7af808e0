{{ row_subject(
    'housing',
    key=['dwelling_id'],
    names='household',
    groups={'is_dangerous': ['house_grade', 'house_grade', 'dangerous']},
    asked=['key_group', 'done_date', 'added_date', 'closed_date', 'solution_type', 'subsidy_paid_date']
) }}
