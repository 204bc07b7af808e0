{{ contributions(ref('int_household_reach')) }}
