{{ contributions(ref('int_purchase')) }}
