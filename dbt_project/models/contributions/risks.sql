{{ contributions(ref('int_risk')) }}
