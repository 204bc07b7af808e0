{{ row_subject('visit_log', key=['visit_id'], names='household') }}
