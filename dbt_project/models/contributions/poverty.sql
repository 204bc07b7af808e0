{{ contributions(ref('int_household_month')) }}
