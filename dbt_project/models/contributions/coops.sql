{{ contributions(ref('int_coop')) }}
