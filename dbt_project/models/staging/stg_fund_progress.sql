{{ staging('fund_progress') }}
