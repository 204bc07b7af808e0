{{ staging('access_log') }}
