{{ staging('collective_asset_share') }}
