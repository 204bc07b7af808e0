{{ row_subject(
    'case_event',
    key=['case_id', 'step', 'started_at'],
    names='household',
    asked=['finished_at', 'excluded_code', 'override_reason', 'evidence_file', 'explained_at'],
    made={'is_finished_now': is_this_month('r', 'finished_at')}
) }}
