{{ contributions(ref('int_health_service')) }}
