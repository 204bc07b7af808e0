{{ contributions(ref('int_line')) }}
