{{ row_subject('school_dropout', key=['person_id'], names='person') }}
