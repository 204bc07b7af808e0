{{ staging('disaster_forest') }}
