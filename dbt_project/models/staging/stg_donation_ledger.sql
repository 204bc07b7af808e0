{{ staging('donation_ledger') }}
