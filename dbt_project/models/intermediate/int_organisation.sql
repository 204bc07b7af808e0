{{ row_subject('org_register', key=['org_id'], asked=['leader_role', 'set_date']) }}
