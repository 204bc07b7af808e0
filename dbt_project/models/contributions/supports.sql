{{ contributions(ref('int_support')) }}
