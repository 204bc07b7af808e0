{{ contributions(ref('int_signal')) }}
