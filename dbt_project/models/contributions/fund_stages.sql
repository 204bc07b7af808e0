{{ contributions(ref('int_fund_stage')) }}
