{{ row_subject('audit_finding', key=['finding_id'], asked=['violation_type', 'interview_date', 'closed_date']) }}
