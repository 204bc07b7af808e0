{{ staging('cadre_post') }}
