{{ row_subject('med_settlement', key=['person_id', 'admit_date', 'settle_date'], names='person') }}
