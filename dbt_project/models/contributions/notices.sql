{{ contributions(ref('int_notice')) }}
