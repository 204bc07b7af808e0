{{ staging('platform_user') }}
