{{ staging('case_event') }}
