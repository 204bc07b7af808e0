{{ staging('insurance_enrol') }}
