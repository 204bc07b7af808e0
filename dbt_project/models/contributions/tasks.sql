{{ contributions(ref('int_task')) }}
