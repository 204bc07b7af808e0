{{ staging('org_register_league') }}
