{{ staging('civil_aid') }}
