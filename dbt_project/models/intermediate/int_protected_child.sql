{{ row_subject('child_protection', key=['person_id', 'step', 'step_date']) }}
