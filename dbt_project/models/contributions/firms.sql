{{ contributions(ref('int_firm')) }}
