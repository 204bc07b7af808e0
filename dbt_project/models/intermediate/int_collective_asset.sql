{{ row_subject('collective_asset', key=['asset_id'], asked=['keeper', 'ledger_level', 'solar_kw']) }}
