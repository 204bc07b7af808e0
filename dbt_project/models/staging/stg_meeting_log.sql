{{ staging('meeting_log') }}
