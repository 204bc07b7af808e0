{{ staging('village_road') }}
