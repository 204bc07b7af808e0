{{ row_subject('dept_report', key=['report_no']) }}
