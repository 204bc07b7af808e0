{{ staging('dept_report') }}
