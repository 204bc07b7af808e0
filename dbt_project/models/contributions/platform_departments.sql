{{ contributions(ref('int_platform_department')) }}
