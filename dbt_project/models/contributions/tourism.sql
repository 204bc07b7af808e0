{{ contributions(ref('int_tourism_household')) }}
