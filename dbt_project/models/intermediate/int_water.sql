{{ row_subject(
    'water',
    key=['hh_id'],
    names='household',
    groups={'is_reliable': ['reliability', 'water_grade', 'met']},
    year_ago=true
) }}
