{{ contributions(ref('int_school')) }}
