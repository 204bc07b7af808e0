{{ contributions(ref('int_post_holding')) }}
