{{ staging('child_protection') }}
