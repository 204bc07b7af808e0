{{ contributions(ref('int_appraisal')) }}
