{{ row_subject('edu_student', key=['person_id'], names='person', asked=['aid_type', 'admission_type']) }}
