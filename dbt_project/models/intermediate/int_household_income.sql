with household as (
    select * from {{ ref('int_household_month') }}
)

select
    h.period,
    h.subject,
    h.area_code,
    h.hh_register__known,
    h.hh_register__hh_type,
    h.hh_register__is_registered,
    h.hh_register__is_poor,
    h.hh_register__hh_size,
    h.hh_register__evidence,
    {{ fact_columns('hh_income', 'hh_id') }},
    -- the Watts measure takes a logarithm: an income that is not above zero has none
    case when hh_income_row.net_income_pc > 0 then hh_income_row.net_income_pc end as hh_income__positive_net_income_pc,
    -- the account of the same month of the year before
    before.hh_id is not null as year_ago__known,
    before.net_income_pc as year_ago__net_income_pc,
    {{ evidence_none_or_one('before._source') }} as year_ago__evidence
from household as h
{{ joined_fact('hh_income', 'hh_id', 'h.subject', 'h.period') }}
left join {{ source('build', 'window_start') }} as w on w.time_window = 'year_ago' and w.period = h.period
left join ({{ in_effect('hh_income', year_ago=true) }}) as before on before.period = w.since and before.hh_id = h.subject
