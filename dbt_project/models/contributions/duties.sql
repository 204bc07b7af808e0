{{ contributions(ref('int_duty')) }}
