{{ staging('stat_base_county') }}
