{{ contributions(ref('int_case_file')) }}
