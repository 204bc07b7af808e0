{{ staging('edu_student') }}
