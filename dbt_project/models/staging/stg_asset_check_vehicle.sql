{{ staging('asset_check_vehicle') }}
