{{ staging('enterprise_lead') }}
