{{ row_subject('collective_asset_share', key=['asset_id', 'hh_id'], names='household') }}
