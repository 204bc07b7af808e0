{{ measures(ref('int_household_month')) }}
