{{ staging('asset_check_property') }}
