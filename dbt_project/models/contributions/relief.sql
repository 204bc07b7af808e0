{{ contributions(ref('int_relief')) }}
