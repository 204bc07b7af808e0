{{ staging('asset_check_credit') }}
