{{ staging('warning') }}
