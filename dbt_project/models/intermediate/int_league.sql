{{ row_subject('org_register_league', key=['org_id']) }}
