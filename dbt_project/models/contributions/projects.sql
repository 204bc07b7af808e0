{{ contributions(ref('int_project')) }}
