{{ staging('credit_file') }}
