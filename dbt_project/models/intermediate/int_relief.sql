{{ row_subject('temp_relief', key=['person_id', 'grant_date'], names='person', asked=['case_meeting_id']) }}
