{{ staging('disaster_farm') }}
