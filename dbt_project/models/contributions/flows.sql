{{ contributions(ref('int_household_flow')) }}
