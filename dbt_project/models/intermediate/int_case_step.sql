{{ row_subject('case_event', key=['case_id', 'step', 'started_at'], names='household', asked=['finished_at']) }}
