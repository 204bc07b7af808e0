{{ staging('housing') }}
