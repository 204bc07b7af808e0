{{ row_subject('health_facility', key=['facility_id']) }}
