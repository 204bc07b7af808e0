{{ staging('micro_loan') }}
