{{ staging('county_register') }}
