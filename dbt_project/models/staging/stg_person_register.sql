{{ staging('person_register') }}
