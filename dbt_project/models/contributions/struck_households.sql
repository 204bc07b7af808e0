{{ contributions(ref('int_household_risk')) }}
