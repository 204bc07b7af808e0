{{ row_subject('tourism_hh', key=['hh_id']) }}
