-- A blank of “back at work” is of somebody who never stopped; only a refused cell is unknown.
with register as (
    select *, hh_id as subject, village_code as area_code
    from ({{ in_effect('hh_register') }})
),

refused as (
    select * from {{ ref('int_refused_household') }}
),

loans as (
    select
        l.period,
        l.hh_id,
        max(l.overdue_days) as overdue_days,
        count(*) filter (where l.overdue_days > 0 or l.actual_user <> 'household' or (l.purpose is not null and g.code is null)) as bad_n,
        {{ evidence_agg(['l._source']) }} as evidence
    from ({{ in_effect('micro_loan') }}) as l
    left join {{ source('policy', 'code_group') }} as g
        on g.map = 'loan_purpose' and g.member_of = 'allowed' and g.code = l.purpose
    group by l.period, l.hh_id
),

loss as (
    select period, hh_id, type, loss, _source from ({{ in_effect('disaster_event') }})
    union all
    select period, hh_id, type, loss, _source from ({{ in_effect('disaster_farm') }})
    union all
    select period, hh_id, type, loss, _source from ({{ in_effect('disaster_forest') }})
),

weather as (
    select
        l.period,
        l.hh_id,
        sum(l.loss) as loss_yuan,  -- known: only rows that came are added; the fact itself is unknown where none did
        {{ evidence_agg(['l._source']) }} as evidence
    from loss as l
    inner join {{ source('policy', 'code_group') }} as g
        on g.map = 'disaster_type' and g.member_of = 'weather' and g.code = l.type
    group by l.period, l.hh_id
),

work as (
    select
        e.period,
        p.hh_id,
        count(*) filter (where not e.resumed) as idle_n,
        -- a blank is of somebody who never stopped
        {{ any_of('case when e.resumed is null and ' ~ cell_refused('e', 'resumed') ~ ' then null else false end') }} as is_unclear,  -- known: above
        {{ evidence_agg(['e._source', 'p._source']) }} as evidence
    from ({{ in_effect('employment') }}) as e
    inner join ({{ living_person() }}) as p on p.period = e.period and p.person_id = e.person_id
    group by e.period, p.hh_id
),

wildlife as (
    select
        period,
        hh_id,
        sum(income_loss) as loss_yuan,  -- known: not used where a cell is blank
        {{ any_of('income_loss is null') }} as is_unclear,
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('agri_industry') }})
    where industry_type = 'wildlife'
    group by period, hh_id
),

customs as (
    select
        period,
        hh_id,
        count(*) filter (where custom_issue_type <> 'none') as issues_n,
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('visit_log') }})
    group by period, hh_id
)

select
    r.period,
    r.hh_id,
    -- its small loans
    {{ household_fact('loans', ['micro_loan'], zero=['overdue_days', 'bad_n']) | indent(4) }},
    -- what weather cost it
    {{ household_fact('weather', ['disaster_event', 'disaster_farm', 'disaster_forest'], zero=['loss_yuan']) | indent(4) }},
    -- who of it cannot go back to work; nobody of whom the ledger of workers tells was not asked
    {{ household_fact('work', [], values=['idle_n'],
        known='work.hh_id is not null and rw.hh_id is null and rp.hh_id is null and work.is_unclear is not null') | indent(4) }},
    -- what it lost by giving up wild animals
    {{ household_fact('wildlife', ['agri_industry'], zero=['loss_yuan'], known='wildlife.hh_id is null or not wildlife.is_unclear') | indent(4) }},
    -- bad customs that visitors met
    {{ household_fact('customs', ['visit_log'], zero=['issues_n']) | indent(4) }}
from register as r
{{ household_fact_join('loans', ['micro_loan'], 'r') }}
{{ household_fact_join('weather', ['disaster_event', 'disaster_farm', 'disaster_forest'], 'r') }}
{{ household_fact_join('work', [], 'r') }}
left join refused as rw on rw.extract = 'employment' and rw.period = r.period and rw.hh_id = r.hh_id
left join refused as rp on rp.extract = 'person_register' and rp.period = r.period and rp.hh_id = r.hh_id
{{ household_fact_join('wildlife', ['agri_industry'], 'r') }}
{{ household_fact_join('customs', ['visit_log'], 'r') }}
