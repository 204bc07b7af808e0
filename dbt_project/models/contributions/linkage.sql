{{ contributions(ref('int_named_row')) }}
