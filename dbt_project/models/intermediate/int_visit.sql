with visit as (
    {{ row_subject('visit_log', key=['visit_id'], names='household') | indent(4) }}
),

register as (
    {{ in_effect('hh_register') }}
)

select v.*, {{ came_as_helper('v.visit_log__', 'register') }} as hh_register__helper_came
from visit as v
left join register on register.period = v.period and register.hh_id = v.visit_log__hh_id
