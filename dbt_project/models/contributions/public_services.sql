{{ contributions(ref('int_public_service')) }}
