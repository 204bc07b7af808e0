{{ row_subject('civil_aid', key=['person_id', 'aid_type'], names='person', groups={'is_two_subsidies': ['aid_type', 'aid_type', 'two_subsidies']}) }}
