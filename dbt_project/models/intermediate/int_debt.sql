{{ row_subject('fund_debt', key=['debt_type'], groups={'is_limited': ['debt_type', 'debt_type', 'limited']}) }}
