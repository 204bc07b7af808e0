{{ staging('village_industry') }}
