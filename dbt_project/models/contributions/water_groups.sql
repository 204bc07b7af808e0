{{ contributions(ref('int_water_group')) }}
