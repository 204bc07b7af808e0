{{ contributions(ref('int_printed_cause')) }}
