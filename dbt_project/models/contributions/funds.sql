{{ contributions(ref('int_fund_account')) }}
