{{ contributions(ref('int_settlement')) }}
