{{ row_subject('risk_list', key=['industry', 'aspect', 'eval_date'], asked=['plan']) }}
