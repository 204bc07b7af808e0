{{ contributions(ref('int_fund_budget')) }}
