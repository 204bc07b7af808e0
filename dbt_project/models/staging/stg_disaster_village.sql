{{ staging('disaster_village') }}
