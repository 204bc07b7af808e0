{{ contributions(ref('int_visit')) }}
