{{ staging('training_record') }}
