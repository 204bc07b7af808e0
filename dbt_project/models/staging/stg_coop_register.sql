{{ staging('coop_register') }}
