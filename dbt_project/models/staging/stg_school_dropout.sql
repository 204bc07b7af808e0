{{ staging('school_dropout') }}
