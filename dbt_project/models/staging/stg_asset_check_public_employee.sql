{{ staging('asset_check_public_employee') }}
