{{ contributions(ref('int_document')) }}
