{{ staging('risk_list') }}
