{{ staging('cause_table') }}
