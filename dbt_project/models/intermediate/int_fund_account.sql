{{ row_subject('fund_progress', key=['account_id'], asked=['appraisal_score']) }}
