{{ contributions(ref('int_income_use')) }}
