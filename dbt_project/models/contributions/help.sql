{{ contributions(ref('int_support_measure')) }}
