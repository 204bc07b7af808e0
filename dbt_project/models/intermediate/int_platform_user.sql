{{ row_subject('platform_user', key=['user_id'], asked=['trained_date', 'end_date', 'test_passed']) }}
