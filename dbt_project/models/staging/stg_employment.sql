{{ staging('employment') }}
