{{ contributions(ref('int_survey')) }}
