{{ contributions(ref('int_protected_child')) }}
