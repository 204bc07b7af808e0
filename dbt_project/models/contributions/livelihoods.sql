{{ contributions(ref('int_household_help')) }}
