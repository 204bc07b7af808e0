{{ staging('school_facility') }}
