{{ contributions(ref('int_debt')) }}
