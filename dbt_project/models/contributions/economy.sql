{{ contributions(ref('int_economy')) }}
