{{ contributions(ref('int_household_service')) }}
