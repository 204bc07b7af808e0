{{ staging('fund_budget') }}
