{{ contributions(ref('int_honour')) }}
