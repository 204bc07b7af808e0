{{ staging('price_monitor') }}
