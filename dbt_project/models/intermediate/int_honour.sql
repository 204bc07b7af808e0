{{ row_subject('demo_household', key=['hh_id', 'type'], names='household') }}
