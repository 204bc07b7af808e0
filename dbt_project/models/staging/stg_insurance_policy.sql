{{ staging('insurance_policy') }}
