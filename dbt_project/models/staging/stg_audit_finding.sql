{{ staging('audit_finding') }}
