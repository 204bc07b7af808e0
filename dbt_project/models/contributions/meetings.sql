{{ contributions(ref('int_meeting')) }}
