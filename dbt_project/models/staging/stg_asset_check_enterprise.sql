{{ staging('asset_check_enterprise') }}
