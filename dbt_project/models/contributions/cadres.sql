{{ contributions(ref('int_cadre')) }}
