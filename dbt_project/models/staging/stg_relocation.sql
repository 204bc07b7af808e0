{{ staging('relocation') }}
