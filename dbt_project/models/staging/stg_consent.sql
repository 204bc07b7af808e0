{{ staging('consent') }}
