{{ contributions(ref('int_monitored_household')) }}
