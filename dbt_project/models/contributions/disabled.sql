{{ contributions(ref('int_disabled')) }}
