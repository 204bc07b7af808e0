{{ contributions(ref('int_labour_event')) }}
