{{ staging('relocation_site') }}
