{{ staging('case_file') }}
