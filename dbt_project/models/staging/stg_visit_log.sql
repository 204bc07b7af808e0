{{ staging('visit_log') }}
