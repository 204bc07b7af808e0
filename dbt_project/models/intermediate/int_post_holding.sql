{{ row_subject(
    'public_post',
    key=['person_id', 'post_type'],
    names='person',
    groups={'is_forest_guard': ['post_type', 'post_type', 'forest_guard']},
    asked=['end_reason', 'appraisal_result'],
    year_ago=true
) }}
