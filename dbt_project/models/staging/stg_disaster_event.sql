{{ staging('disaster_event') }}
