{{ contributions(ref('int_dropout')) }}
