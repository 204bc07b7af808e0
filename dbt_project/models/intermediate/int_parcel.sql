{{ row_subject('land_use', key=['parcel_id']) }}
