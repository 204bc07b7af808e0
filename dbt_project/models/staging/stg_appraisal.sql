{{ staging('appraisal') }}
