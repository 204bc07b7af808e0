{{ contributions(ref('int_access_department')) }}
