{{ contributions(ref('int_person_flow')) }}
