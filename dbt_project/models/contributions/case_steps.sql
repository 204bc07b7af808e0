{{ contributions(ref('int_case_step')) }}
