{{ row_subject('relocation', key=['hh_id'], names='household') }}
