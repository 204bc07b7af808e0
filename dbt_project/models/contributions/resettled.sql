{{ contributions(ref('int_relocated_household')) }}
