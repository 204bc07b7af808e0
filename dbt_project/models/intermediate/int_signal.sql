{{ row_subject('media_signal', key=['signal_id'], asked=['handled_at']) }}
