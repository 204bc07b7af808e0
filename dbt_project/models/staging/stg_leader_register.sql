{{ staging('leader_register') }}
