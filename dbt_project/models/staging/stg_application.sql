{{ staging('application') }}
