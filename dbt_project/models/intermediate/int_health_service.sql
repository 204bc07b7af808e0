{{ row_subject('health_service', key=['person_id', 'service', 'date'], names='person') }}
