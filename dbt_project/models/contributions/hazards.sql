{{ contributions(ref('int_hazard_point')) }}
