{{ staging('land_use') }}
