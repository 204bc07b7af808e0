{{ row_subject('task_ledger', key=['task_id'], asked=['done_date']) }}
