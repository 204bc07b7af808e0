{{ row_subject('village_exit_check', key=['village_code', 'criterion_no']) }}
