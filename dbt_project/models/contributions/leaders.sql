{{ contributions(ref('int_leader')) }}
