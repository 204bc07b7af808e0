{{ staging('hazard_point') }}
