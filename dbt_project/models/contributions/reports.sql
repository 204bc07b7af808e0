{{ contributions(ref('int_report')) }}
