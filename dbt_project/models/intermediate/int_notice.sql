{{ row_subject('public_notice', key=['notice_id', 'channel'], asked=['end_date']) }}
