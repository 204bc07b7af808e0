{{ contributions(ref('int_platform_user')) }}
