{{ contributions(ref('int_application')) }}
