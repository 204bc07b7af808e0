{{ contributions(ref('int_price')) }}
