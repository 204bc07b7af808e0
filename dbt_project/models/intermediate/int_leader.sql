{{ row_subject('leader_register', key=['person_id'], asked=['trained_date']) }}
