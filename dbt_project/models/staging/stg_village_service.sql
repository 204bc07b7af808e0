{{ staging('village_service') }}
