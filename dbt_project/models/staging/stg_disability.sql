{{ staging('disability') }}
