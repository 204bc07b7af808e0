{{ contributions(ref('int_village_disaster')) }}
