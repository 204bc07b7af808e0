{{ staging('task_ledger') }}
