{{ contributions(ref('int_consent')) }}
