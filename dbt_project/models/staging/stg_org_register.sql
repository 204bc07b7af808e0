{{ staging('org_register') }}
