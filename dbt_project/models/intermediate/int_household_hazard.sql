-- A blank of “back at work” is of somebody who never stopped; only a refused cell is unknown.
with register as (
    {{ in_effect('hh_register') }}
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
),

joined as (
    select
        r.period,
        r.hh_id,
        cl.period is not null and rl.hh_id is null as loans_known,
        loans.overdue_days,
        loans.bad_n,
        loans.evidence as loans_evidence,
        ce.period is not null and cf.period is not null and co.period is not null and rd.n is null as weather_known,
        weather.loss_yuan as weather_yuan,
        weather.evidence as weather_evidence,
        work.hh_id is not null and rw.hh_id is null and rp.hh_id is null and work.is_unclear is not null as work_known,
        work.idle_n,
        work.evidence as work_evidence,
        ca.period is not null and ra.hh_id is null and (wildlife.hh_id is null or not wildlife.is_unclear) as wildlife_known,
        wildlife.loss_yuan as wildlife_yuan,
        wildlife.evidence as wildlife_evidence,
        cv.period is not null and rv.hh_id is null as customs_known,
        customs.issues_n,
        customs.evidence as customs_evidence
    from register as r
    left join loans on loans.period = r.period and loans.hh_id = r.hh_id
    left join weather on weather.period = r.period and weather.hh_id = r.hh_id
    left join work on work.period = r.period and work.hh_id = r.hh_id
    left join wildlife on wildlife.period = r.period and wildlife.hh_id = r.hh_id
    left join customs on customs.period = r.period and customs.hh_id = r.hh_id
    left join ({{ covered('micro_loan') }}) as cl on cl.period = r.period and cl.village_code = r.village_code
    left join ({{ covered('disaster_event') }}) as ce on ce.period = r.period and ce.village_code = r.village_code
    left join ({{ covered('disaster_farm') }}) as cf on cf.period = r.period and cf.village_code = r.village_code
    left join ({{ covered('disaster_forest') }}) as co on co.period = r.period and co.village_code = r.village_code
    left join ({{ covered('agri_industry') }}) as ca on ca.period = r.period and ca.village_code = r.village_code
    left join ({{ covered('visit_log') }}) as cv on cv.period = r.period and cv.village_code = r.village_code
    left join refused as rl on rl.extract = 'micro_loan' and rl.period = r.period and rl.hh_id = r.hh_id
    left join (
        select period, hh_id, count(*) as n
        from refused
        where extract in ('disaster_event', 'disaster_farm', 'disaster_forest')
        group by period, hh_id
    ) as rd on rd.period = r.period and rd.hh_id = r.hh_id
    left join refused as rw on rw.extract = 'employment' and rw.period = r.period and rw.hh_id = r.hh_id
    left join refused as rp on rp.extract = 'person_register' and rp.period = r.period and rp.hh_id = r.hh_id
    left join refused as ra on ra.extract = 'agri_industry' and ra.period = r.period and ra.hh_id = r.hh_id
    left join refused as rv on rv.extract = 'visit_log' and rv.period = r.period and rv.hh_id = r.hh_id
)

select
    period,
    hh_id,
    -- its small loans
    loans_known as loans__known,
    {{ zero_if_silent('loans_known', 'overdue_days') }} as loans__overdue_days,
    {{ zero_if_silent('loans_known', 'bad_n') }} as loans__bad_n,
    {{ evidence_or_none('loans_evidence') }} as loans__evidence,
    -- what weather cost it
    weather_known as weather__known,
    {{ zero_if_silent('weather_known', 'weather_yuan') }} as weather__loss_yuan,
    {{ evidence_or_none('weather_evidence') }} as weather__evidence,
    -- who of it cannot go back to work
    work_known as work__known,
    case when work_known then idle_n end as work__idle_n,
    {{ evidence_or_none('work_evidence') }} as work__evidence,
    -- what it lost by giving up wild animals
    wildlife_known as wildlife__known,
    {{ zero_if_silent('wildlife_known', 'wildlife_yuan') }} as wildlife__loss_yuan,
    {{ evidence_or_none('wildlife_evidence') }} as wildlife__evidence,
    -- bad customs that visitors met
    customs_known as customs__known,
    {{ zero_if_silent('customs_known', 'issues_n') }} as customs__issues_n,
    {{ evidence_or_none('customs_evidence') }} as customs__evidence
from joined
