{{ row_subject('enterprise_pairing', key=['enterprise_id', 'village_code']) }}
