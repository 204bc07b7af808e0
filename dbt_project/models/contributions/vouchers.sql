{{ contributions(ref('int_voucher')) }}
