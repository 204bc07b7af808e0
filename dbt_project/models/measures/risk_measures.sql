{{ measures(ref('int_household_risk')) }}
