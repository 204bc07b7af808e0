{{ staging('health_case') }}
