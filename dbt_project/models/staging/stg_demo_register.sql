{{ staging('demo_register') }}
