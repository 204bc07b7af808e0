{{ contributions(ref('int_parcel')) }}
