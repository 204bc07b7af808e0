{{ contributions(ref('int_loan_demand')) }}
