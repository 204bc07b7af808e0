{{ contributions(ref('int_industry')) }}
