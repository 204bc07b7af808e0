{{ row_subject('cadre_training', key=['person_id', 'date']) }}
