{{ staging('hh_register') }}
