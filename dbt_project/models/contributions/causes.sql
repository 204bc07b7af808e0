{{ contributions(ref('int_household_cause')) }}
