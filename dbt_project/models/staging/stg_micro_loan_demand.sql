{{ staging('micro_loan_demand') }}
