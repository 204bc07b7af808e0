{{ staging('cadre_training') }}
