{{ staging('village_finance') }}
