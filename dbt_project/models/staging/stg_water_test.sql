{{ staging('water_test') }}
