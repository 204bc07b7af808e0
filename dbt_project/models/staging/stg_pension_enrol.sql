{{ staging('pension_enrol') }}
