{{ contributions(ref('int_pairing')) }}
