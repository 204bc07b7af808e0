{{ contributions(ref('int_water')) }}
