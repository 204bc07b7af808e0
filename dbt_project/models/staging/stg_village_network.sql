{{ staging('village_network') }}
