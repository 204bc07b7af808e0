{{ staging('demo_household') }}
