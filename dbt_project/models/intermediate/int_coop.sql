{{ row_subject('coop_register', key=['coop_id'], asked=['upgraded_date']) }}
