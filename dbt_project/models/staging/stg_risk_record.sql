{{ staging('risk_record') }}
