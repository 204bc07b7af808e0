{{ contributions(ref('int_village_month')) }}
