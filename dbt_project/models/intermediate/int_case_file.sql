{{ row_subject('case_file', key=['file_id'], names='household', asked=['file_hash']) }}
