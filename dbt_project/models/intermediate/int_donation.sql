{{ row_subject('donation_ledger', key=['donation_id'], asked=['need_id', 'matched_date', 'published_at'], history=true) }}
