{{ staging('fund_debt') }}
