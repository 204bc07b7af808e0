{{ contributions(ref('int_household_income')) }}
