{{ row_subject(
    'public_post',
    key=['person_id', 'post_type'],
    names='person',
    groups={'is_forest_guard': ['post_type', 'post_type', 'forest_guard']},
    asked=['appraisal_result'],
    made={'is_held': holds_at_month_end('r', 'end_date'), 'has_left': is_this_month('r', 'end_date')},
    year_ago=true
) }}
