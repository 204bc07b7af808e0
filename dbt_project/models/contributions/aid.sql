{{ contributions(ref('int_aid')) }}
