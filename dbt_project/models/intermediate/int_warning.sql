{{ row_subject('warning', key=['warn_id'], names='household') }}
