{{ staging('village_power') }}
