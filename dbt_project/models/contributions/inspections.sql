{{ contributions(ref('int_inspection_finding')) }}
