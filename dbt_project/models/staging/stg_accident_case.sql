{{ staging('accident_case') }}
