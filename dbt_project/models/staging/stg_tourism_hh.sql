{{ staging('tourism_hh') }}
