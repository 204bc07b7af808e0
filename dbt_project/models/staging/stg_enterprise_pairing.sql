{{ staging('enterprise_pairing') }}
