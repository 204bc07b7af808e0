{{ contributions(ref('int_donation')) }}
