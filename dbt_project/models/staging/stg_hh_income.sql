{{ staging('hh_income') }}
