{{ staging('media_signal') }}
