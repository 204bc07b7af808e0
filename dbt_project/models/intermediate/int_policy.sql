{{ row_subject('insurance_policy', key=['policy_id'], names='household') }}
