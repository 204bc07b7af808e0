with demand as (
    {{ row_subject('micro_loan_demand', key=['hh_id'], names='household', year_ago=true) | indent(4) }}
),

loan as (
    select period, hh_id, {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('micro_loan', year_ago=true) }})
    group by period, hh_id
),

refused as (
    select distinct period, hh_id
    from ({{ refused('micro_loan', only_built=false) }})
    where hh_id is not null
)

{%- set known = 'c.period is not null and refused.hh_id is null' %}
select
    demand.*,
    -- whether it owes a small loan
    {{ known }} as loan__known,
    case when {{ known }} then loan.hh_id is not null end as loan__has_one,
    {{ evidence_or_none('loan.evidence') }} as loan__evidence
from demand
left join loan on loan.period = demand.period and loan.hh_id = demand.micro_loan_demand__hh_id
left join ({{ covered('micro_loan') }}) as c on c.period = demand.period and c.village_code = demand.micro_loan_demand__village_code
left join refused on refused.period = demand.period and refused.hh_id = demand.micro_loan_demand__hh_id
