{{ contributions(ref('int_town_population')) }}
