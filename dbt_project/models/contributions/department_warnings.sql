{{ contributions(ref('int_department_warning')) }}
