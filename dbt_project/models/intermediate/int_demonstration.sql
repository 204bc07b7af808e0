{{ row_subject('demo_register', key=['type', 'id'], asked=['done_date']) }}
