{{ contributions(ref('int_demonstration')) }}
