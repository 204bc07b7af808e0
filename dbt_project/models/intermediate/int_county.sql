{{ row_subject('county_register', key=['county_code'], asked=['exit_date']) }}
