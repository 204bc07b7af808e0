{{ staging('temp_relief') }}
