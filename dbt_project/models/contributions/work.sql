{{ contributions(ref('int_worker')) }}
