{{ row_subject('warning', key=['warn_id'], names='household', asked=['sent_at', 'sent_to_village_at', 'verified_at', 'verify_result']) }}
