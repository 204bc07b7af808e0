{{ contributions(ref('int_league')) }}
