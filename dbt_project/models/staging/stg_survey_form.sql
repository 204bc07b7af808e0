{{ staging('survey_form') }}
