{{ row_subject('enterprise_lead', key=['enterprise_id']) }}
