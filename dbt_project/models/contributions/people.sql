{{ contributions(ref('int_person_month')) }}
