{{ contributions(ref('int_facility')) }}
