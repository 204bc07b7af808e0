{{ staging('village_exit_check') }}
