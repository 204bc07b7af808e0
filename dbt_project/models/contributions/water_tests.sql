{{ contributions(ref('int_water_test')) }}
