{{ row_subject('village_finance_use', key=['village_code', 'year', 'use_type']) }}
