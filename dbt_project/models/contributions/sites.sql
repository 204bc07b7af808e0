{{ contributions(ref('int_site')) }}
