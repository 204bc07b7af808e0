{{ staging('public_post') }}
