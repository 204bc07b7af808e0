{{ contributions(ref('int_pupil')) }}
