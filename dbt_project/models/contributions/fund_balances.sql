{{ contributions(ref('int_fund')) }}
