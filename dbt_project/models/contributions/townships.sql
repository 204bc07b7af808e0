{{ contributions(ref('int_township_month')) }}
