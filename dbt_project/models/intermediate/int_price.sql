{{ row_subject('price_monitor', key=['commodity', 'price_month', 'grade']) }}
