{{ staging('water') }}
