{{ contributions(ref('int_risk_aspect')) }}
