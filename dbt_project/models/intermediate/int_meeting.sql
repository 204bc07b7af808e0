{{ row_subject('meeting_log', key=['meeting_id'], history=true) }}
