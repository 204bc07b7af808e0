{{ row_subject('consent', key=['hh_id', 'signed_at'], names='household', asked=['file_hash']) }}
