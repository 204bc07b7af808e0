{{ contributions(ref('int_dwelling')) }}
