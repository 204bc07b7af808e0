{{ row_subject('school_facility', key=['school_id'], asked=['done_date']) }}
