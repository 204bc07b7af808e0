{{ contributions(ref('int_access')) }}
