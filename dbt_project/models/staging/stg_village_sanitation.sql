{{ staging('village_sanitation') }}
