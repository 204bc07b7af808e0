{{ contributions(ref('int_policy')) }}
