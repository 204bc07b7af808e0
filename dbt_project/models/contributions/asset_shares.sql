{{ contributions(ref('int_asset_share')) }}
