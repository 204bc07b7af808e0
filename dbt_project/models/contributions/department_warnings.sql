{{ contributions(ref('int_warning')) }}
