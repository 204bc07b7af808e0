{{ contributions(ref('int_loan')) }}
