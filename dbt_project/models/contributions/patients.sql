{{ contributions(ref('int_health_case')) }}
