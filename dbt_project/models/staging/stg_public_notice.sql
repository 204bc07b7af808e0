{{ staging('public_notice') }}
