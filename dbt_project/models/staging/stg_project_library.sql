{{ staging('project_library') }}
