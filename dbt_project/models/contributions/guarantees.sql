{{ contributions(ref('int_guarantee')) }}
