{{ staging('village_finance_use') }}
