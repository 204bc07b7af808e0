{{ row_subject('disaster_village', key=['event_id', 'village_code']) }}
