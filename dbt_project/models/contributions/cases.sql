{{ contributions(ref('int_case')) }}
