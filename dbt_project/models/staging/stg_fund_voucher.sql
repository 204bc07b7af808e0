{{ staging('fund_voucher') }}
