{{ row_subject(
    'survey_form',
    key=['hh_id', 'visit_date'],
    names='household',
    asked=['employment', 'schooling', 'health', 'labour', 'income', 'asset', 'event']
) }}
