{{ staging('village_register') }}
