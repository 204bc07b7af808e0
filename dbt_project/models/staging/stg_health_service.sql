{{ staging('health_service') }}
