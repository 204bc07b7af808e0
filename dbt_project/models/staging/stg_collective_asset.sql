{{ staging('collective_asset') }}
