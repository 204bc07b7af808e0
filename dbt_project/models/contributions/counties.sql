{{ contributions(ref('int_county')) }}
