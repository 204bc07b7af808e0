{{ staging('fin_station') }}
