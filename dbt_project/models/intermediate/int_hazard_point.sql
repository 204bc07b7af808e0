{{ row_subject('hazard_point', key=['point_id']) }}
