{{ contributions(ref('int_exit_check')) }}
