with register as (
    {{ registered_household() }}
),

person as (
    select p.*, case when p.employment_status is not null then g.code is not null end as works
    from ({{ living_person() }}) as p
    left join {{ source('policy', 'code_group') }} as g
        on g.map = 'employment_status' and g.member_of = 'working' and g.code = p.employment_status
),

refused as (
    select * from {{ ref('int_refused_household') }}
),

members as (
    select
        period,
        hh_id,
        count(*) as members_n,
        {{ any_of('works') }} as has_worker,
        case
            when not {{ any_of('labour_ability is null') }}
                then
                    count(*) filter (where labour_ability in ('full', 'skilled')) = 0
                    and count(*) filter (where labour_ability = 'weak') = 1
        end as has_one_weak_worker_only,
        {{ evidence_agg(['_source']) }} as evidence,
        {{ evidence_agg(['case when works then _source end']) }} as worker_evidence
    from person
    group by period, hh_id
),

-- who died in the month and was no child of the family; the register lists the dead once more
deaths as (
    select
        p.period,
        p.hh_id,
        {{ any_of("p.is_dead and p.relation <> 'child' and p.relation <> 'grandchild'") }} as has_lost_supporter,
        {{ evidence_agg(['p._source']) }} as evidence
    from ({{ listed_person() }}) as p
    group by p.period, p.hh_id
),

medical as (
    select
        m.period,
        person.hh_id,
        sum(m.self_paid_yuan) as self_paid_yuan,  -- known: only rows that came are added; the fact itself is unknown where none did
        {{ evidence_agg(['m._source', 'person._source']) }} as evidence
    from ({{ in_effect('med_settlement') }}) as m
    inner join person on person.period = m.period and person.person_id = m.person_id
    group by m.period, person.hh_id
),

moved as (
    select
        period,
        hh_id,
        max(site) as site,
        {{ any_of('industry_project is not null') }} as has_project,
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('relocation') }})
    group by period, hh_id
),

certified as (
    select
        person.period,
        person.hh_id,
        count(distinct person.person_id) as certified_n,
        {{ evidence_agg(['e.entry_source', 'person._source']) }} as evidence
    from {{ ref('int_labour_event') }} as e
    inner join person on person.person_id = e.person_id and person.period >= e.period
    where e.training_record__certified
    group by person.period, person.hh_id
),

posts as (
    select
        h.period,
        person.hh_id,
        case when count(*) filter (where {{ holds_at_month_end('h', 'end_date') }} is null) = 0 then count(*) end as posts_n,
        {{ evidence_agg(['h._source', 'person._source']) }} as evidence
    from ({{ in_effect('public_post') }}) as h
    inner join person on person.period = h.period and person.person_id = h.person_id
    where {{ holds_at_month_end('h', 'end_date') }} is not false
    group by h.period, person.hh_id
),

joined as (
    select
        r.*,
        case when r.helper_id is not null or not {{ cell_refused('r', 'helper_id') }} then r.helper_id is not null end as has_helper,
        case when r.national_id is not null or not {{ cell_refused('r', 'national_id') }} then r.national_id is not null end as has_national_id,
        {{ is_this_month('r', 'risk_removed_at') | indent(8) }} as is_risk_removed_now,
        members.hh_id is not null and rp.hh_id is null as members_known,
        members.has_worker,
        members.members_n,
        members.has_one_weak_worker_only,
        members.evidence as members_evidence,
        deaths.has_lost_supporter,
        deaths.evidence as deaths_evidence,
        case when members.has_worker then members.worker_evidence else members.evidence end as workers_evidence,
        cm.period is not null and rm.hh_id is null as medical_received,
        medical.self_paid_yuan,
        medical.evidence as medical_evidence,
        dwellings.hh_id is not null and rh.hh_id is null as housing_known,
        dwellings.dangerous_occupied,
        dwellings.renovated_this_year,
        dwellings.lacks_safe,
        dwellings.has_only_adobe,
        dwellings.evidence as housing_evidence,
        cr.period is not null and rr.hh_id is null as relocation_known,
        moved.hh_id is not null as is_relocated,
        moved.site,
        moved.has_project,
        moved.evidence as relocation_evidence,
        ct.period is not null and rt.hh_id is null as training_received,
        certified.certified_n,
        certified.evidence as training_evidence,
        cp.period is not null and ro.hh_id is null and (posts.hh_id is null or posts.posts_n is not null) as posts_received,
        posts.posts_n,
        posts.evidence as posts_evidence,
        cost.schooling__known,
        cost.schooling__self_paid_yuan,
        cost.schooling__evidence,
        cost.disaster__known,
        cost.disaster__loss_yuan,
        cost.disaster__evidence,
        cost.disability__known,
        cost.disability__self_paid_yuan,
        cost.disability__evidence,
        hazard.loans__known,
        hazard.loans__overdue_days,
        hazard.loans__bad_n,
        hazard.loans__evidence,
        hazard.weather__known,
        hazard.weather__loss_yuan,
        hazard.weather__evidence,
        hazard.work__known,
        hazard.work__idle_n,
        hazard.work__evidence,
        hazard.wildlife__known,
        hazard.wildlife__loss_yuan,
        hazard.wildlife__evidence,
        hazard.customs__known,
        hazard.customs__issues_n,
        hazard.customs__evidence
    from register as r
    left join {{ ref('int_household_cost') }} as cost on cost.period = r.period and cost.hh_id = r.hh_id
    left join {{ ref('int_household_hazard') }} as hazard on hazard.period = r.period and hazard.hh_id = r.hh_id
    left join members on members.period = r.period and members.hh_id = r.hh_id
    left join deaths on deaths.period = r.period and deaths.hh_id = r.hh_id
    left join medical on medical.period = r.period and medical.hh_id = r.hh_id
    left join {{ ref('int_household_dwelling') }} as dwellings on dwellings.period = r.period and dwellings.hh_id = r.hh_id
    left join moved on moved.period = r.period and moved.hh_id = r.hh_id
    left join certified on certified.period = r.period and certified.hh_id = r.hh_id
    left join posts on posts.period = r.period and posts.hh_id = r.hh_id
    left join ({{ covered('med_settlement') }}) as cm on cm.period = r.period and cm.village_code = r.village_code
    left join ({{ covered('relocation') }}) as cr on cr.period = r.period and cr.village_code = r.village_code
    left join ({{ covered('public_post') }}) as cp on cp.period = r.period and cp.village_code = r.village_code
    left join {{ source('build', 'plan_coverage') }} as ct
        on ct.extract = 'training_record' and ct.period = r.period and ct.village_code = r.village_code
    left join refused as rp on rp.extract = 'person_register' and rp.period = r.period and rp.hh_id = r.hh_id
    left join refused as rm on rm.extract = 'med_settlement' and rm.period = r.period and rm.hh_id = r.hh_id
    left join refused as rh on rh.extract = 'housing' and rh.period = r.period and rh.hh_id = r.hh_id
    left join refused as rr on rr.extract = 'relocation' and rr.period = r.period and rr.hh_id = r.hh_id
    left join refused as rt on rt.extract = 'training_record' and rt.period = r.period and rt.hh_id = r.hh_id
    left join refused as ro on ro.extract = 'public_post' and ro.period = r.period and ro.hh_id = r.hh_id
)

select
    period,
    hh_id as subject,
    {{ area_or_root('village_code') }} as area_code,
    -- the register itself
    true as hh_register__known,
    hh_type as hh_register__hh_type,
    is_registered as hh_register__is_registered,
    is_monitored as hh_register__is_monitored,
    poverty_status as hh_register__poverty_status,
    is_poor as hh_register__is_poor,
    cause_main as hh_register__cause_main,
    hh_size as hh_register__hh_size,
    exit_year as hh_register__exit_year,
    net_income_pc_yuan as hh_register__net_income_pc_yuan,
    transfer_income_pc_yuan as hh_register__transfer_income_pc_yuan,
    relapse_date as hh_register__relapse_date,
    has_helper as hh_register__has_helper,
    has_national_id as hh_register__has_national_id,
    is_risk_removed_now as hh_register__is_risk_removed_now,
    {{ evidence_one('_source') }} as hh_register__evidence,
    -- its members
    members_known as members__known,
    case when members_known then members_n end as members__members_n,
    case when members_known then has_one_weak_worker_only end as members__has_one_weak_worker_only,
    {{ evidence_or_none('members_evidence') }} as members__evidence,
    -- who of them works: the workers' rows are the proof of a yes, all members' rows that of a no
    members_known as workers__known,
    case when members_known then has_worker end as workers__has_worker,
    {{ evidence_or_none('workers_evidence') }} as workers__evidence,
    -- whom it lost in the month
    members_known as deaths__known,
    case when members_known then has_lost_supporter end as deaths__has_lost_supporter,
    {{ evidence_or_none('deaths_evidence') }} as deaths__evidence,
    -- what the family paid for inpatient care in the month
    members_known and medical_received as medical__known,
    {{ zero_if_silent('members_known and medical_received', 'self_paid_yuan') }} as medical__self_paid_yuan,
    {{ evidence_of_members('medical_evidence', 'members_n', 'members_evidence') | indent(4) }} as medical__evidence,
    -- what it paid for schooling and for its disabled members, and lost in disasters
    schooling__known,
    schooling__self_paid_yuan,
    schooling__evidence,
    disaster__known,
    disaster__loss_yuan,
    disaster__evidence,
    disability__known,
    disability__self_paid_yuan,
    disability__evidence,
    -- what weighs on it: loans, weather, lost work, bad customs
    loans__known,
    loans__overdue_days,
    loans__bad_n,
    loans__evidence,
    weather__known,
    weather__loss_yuan,
    weather__evidence,
    work__known,
    work__idle_n,
    work__evidence,
    wildlife__known,
    wildlife__loss_yuan,
    wildlife__evidence,
    customs__known,
    customs__issues_n,
    customs__evidence,
    -- its dwellings
    housing_known as housing__known,
    case when housing_known then dangerous_occupied end as housing__dangerous_occupied,
    case when housing_known then lacks_safe end as housing__lacks_safe,
    case when housing_known then renovated_this_year end as housing__renovated_this_year,
    case when housing_known then has_only_adobe end as housing__has_only_adobe,
    {{ evidence_or_none('housing_evidence') }} as housing__evidence,
    -- relocation
    relocation_known as relocation__known,
    case when relocation_known then is_relocated end as relocation__is_relocated,
    case when relocation_known then site end as relocation__site,
    case when relocation_known and is_relocated then has_project end as relocation__has_project,
    {{ evidence_or_none('relocation_evidence') }} as relocation__evidence,
    -- skills gained since the plan began
    members_known and training_received as training__known,
    {{ zero_if_silent('members_known and training_received', 'certified_n') }} as training__certified_n,
    {{ evidence_of_members('training_evidence', 'members_n', 'members_evidence') | indent(4) }} as training__evidence,
    -- public posts held
    members_known and posts_received as posts__known,
    {{ zero_if_silent('members_known and posts_received', 'posts_n') }} as posts__posts_n,
    {{ evidence_of_members('posts_evidence', 'members_n', 'members_evidence') | indent(4) }} as posts__evidence
from joined
