{{ staging('stat_base_town') }}
