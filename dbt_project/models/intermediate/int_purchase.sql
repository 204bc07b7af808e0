{{ row_subject('consumer_purchase', key=['purchase_id'], names='household', history=true) }}
