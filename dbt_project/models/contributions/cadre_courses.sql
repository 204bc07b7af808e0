{{ contributions(ref('int_cadre_training')) }}
