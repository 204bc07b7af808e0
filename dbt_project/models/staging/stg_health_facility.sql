{{ staging('health_facility') }}
