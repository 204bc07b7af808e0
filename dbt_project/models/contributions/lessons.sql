{{ contributions(ref('int_cadre_lesson')) }}
