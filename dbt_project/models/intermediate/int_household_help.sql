{#- What a household is given and takes part in. `known` of a fact: its table has come for the village and no row of the household was
    refused; of what members have, its members are known as well. -#}
{%- set of_members = {'aid': 'civil_aid', 'certificate': 'disability', 'post': 'public_post'} -%}
{%- set of_household = {
    'measure': 'support_measure', 'risk': 'risk_record', 'visit': 'visit_log', 'loan': 'micro_loan', 'venture': 'agri_industry', 'step': 'case_event'
} -%}
{%- set extracts = dict(of_members, **of_household) -%}
{%- set and_members = ' and member.hh_id is not null and rm.hh_id is null' -%}
with register as (
    {{ registered_household() }}
),

person as (
    {{ living_person() }}
),

refused as (
    select * from {{ ref('int_refused_household') }}
),

member as (
    select
        period,
        hh_id,
        count(*) as members_n,
        {{ any_of("labour_ability not in ('none', 'lost')") }} as can_work,  -- known: NULL stays NULL
        {{ any_of("labour_ability = 'lost'") }} as has_lost_labour,
        {{ evidence_agg(['_source']) }} as evidence
    from person
    group by period, hh_id
),

aid as (
    select
        person.period,
        person.hh_id,
        {{ any_of("r.aid_type = 'dibao'") }} as has_dibao,
        {{ any_of('backstop.code is not null') }} as has_backstop,
        {{ any_of('subsidy.code is not null') }} as has_disability_subsidy,
        {{ evidence_agg(['r._source', 'person._source']) }} as evidence
    from ({{ in_effect('civil_aid') }}) as r
    inner join person on person.period = r.period and person.person_id = r.person_id
    left join {{ source('policy', 'code_group') }} as backstop
        on backstop.map = 'aid_type' and backstop.member_of = 'backstop' and backstop.code = r.aid_type
    left join {{ source('policy', 'code_group') }} as subsidy
        on subsidy.map = 'aid_type' and subsidy.member_of = 'two_subsidies' and subsidy.code = r.aid_type
    group by person.period, person.hh_id
),

certificate as (
    select person.period, person.hh_id, {{ evidence_agg(['r._source', 'person._source']) }} as evidence
    from ({{ in_effect('disability') }}) as r
    inner join person on person.period = r.period and person.person_id = r.person_id
    group by person.period, person.hh_id
),

post as (
    select
        person.period,
        person.hh_id,
        {{ any_of(holds_at_month_end('r', 'end_date')) }} as is_held,
        {{ evidence_agg(['r._source', 'person._source']) }} as evidence
    from ({{ in_effect('public_post') }}) as r
    inner join person on person.period = r.period and person.person_id = r.person_id
    where {{ holds_at_month_end('r', 'end_date') }} is not false
    group by person.period, person.hh_id
),

-- who is not on the list of workers was not asked
work as (
    select
        person.period,
        person.hh_id,
        {{ any_of('working.code is not null') }} as has_worker,
        {{ any_of('r.stable_flag') }} as has_stable_worker,
        case when not {{ any_of('r.stable_flag is null') }} then count(*) filter (where r.stable_flag) end as stable_n,
        {{ any_of('r.train_willing') }} as wants_training,
        {{ any_of('r.job_willing') }} as wants_work,
        {{ any_of('r.startup_flag') }} as has_startup,
        {{ evidence_agg(['r._source', 'person._source']) }} as evidence
    from ({{ in_effect('employment') }}) as r
    inner join person on person.period = r.period and person.person_id = r.person_id
    left join {{ source('policy', 'code_group') }} as working
        on working.map = 'employment_status' and working.member_of = 'working' and working.code = r.status
    group by person.period, person.hh_id
),

course as (
    select
        person.period,
        person.hh_id,
        {{ any_of('e.training_record__finished_course') }} as has_trained,
        {{ any_of('e.training_record__certified') }} as has_certificate,
        {{ evidence_agg(['e.entry_source', 'person._source']) }} as evidence
    from {{ ref('int_labour_event') }} as e
    inner join person on person.person_id = e.person_id and person.period >= e.period
    group by person.period, person.hh_id
),

measure as (
    select
        r.period,
        r.hh_id,
        {{ any_of('r.cause_code = register.cause_main') }} as is_of_cause,
        {{ any_of("r.measure_type = 'motivation'") }} as is_motivating,
        {{ any_of("r.measure_type = 'grant'") }} as is_grant,
        {{ any_of("r.measure_type = 'award'") }} as is_award,
        sum(r.amount) as amount_yuan,  -- known: only rows that came are added; the fact itself is unknown where none did
        {{ evidence_agg(['r._source']) }} as evidence
    from ({{ in_effect('support_measure') }}) as r
    left join register on register.period = r.period and register.hh_id = r.hh_id
    group by r.period, r.hh_id
),

risk as (
    select
        period,
        hh_id,
        {{ any_of('reason_text is not null') }} as is_explained,
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('risk_record') }})
    group by period, hh_id
),

told as (
    select v.*, {{ came_as_helper('v.', 'register') }} as is_the_helpers
    from ({{ in_effect('visit_log') }}) as v
    left join register on register.period = v.period and register.hh_id = v.hh_id
),

visit as (
    select
        period,
        hh_id,
        {{ any_of('not food_ok or not clothing_ok') }} as is_wanting,
        {{ any_of('food_ok is not null and clothing_ok is not null') }} as is_checked,
        {{ any_of('guarantee_items is not null and eight_have_items is not null') }} as is_assessed,
        case when not {{ any_of('is_the_helpers is null') }} then count(*) filter (where is_the_helpers) end as helper_visits_n,
        case when not {{ any_of('is_the_helpers is null') }} then count(distinct case when is_the_helpers then visit_date end) end
            as helper_days_n,
        {{ evidence_agg(['_source']) }} as evidence
    from told
    group by period, hh_id
),

loan as (
    select
        period,
        hh_id,
        {{ any_of("purpose = 'livestock'") }} as is_for_livestock,
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('micro_loan') }})
    group by period, hh_id
),

venture as (
    select
        period,
        hh_id,
        count(distinct project_id) as projects_n,
        {{ any_of('coop_id is not null') }} as is_in_coop,
        {{ any_of('share_amount > 0') }} as holds_share,
        sum(dividend) as dividend_yuan,  -- known: as above
        max(cultivated_mu) as cultivated_mu,
        max(sown_mu) as sown_mu,
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('agri_industry') }})
    group by period, hh_id
),

-- the posts of those who help; whoever has left holds none at the month's end
helper as (
    select
        period,
        person_id,
        count(*) filter (where end_date is null or end_date > {{ last_day_of('period') }}) = 0 as has_left,
        max(end_date) as end_date,
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('cadre_post') }})
    where role = 'helper'
    group by period, person_id
),

step as (
    select period, hh_id, {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('case_event') }})
    group by period, hh_id
),

-- the steps of its exit that were done and not failed, since the plan began
exit_step as (
    select b.period, c.hh_id, count(distinct c.step) as steps_n, {{ evidence_agg(['c._source']) }} as evidence
    from ({{ in_effect('case_event', only_built=false) }}) as c
    inner join {{ source('build', 'window_start') }} as b on b.time_window = 'plan' and c.period between b.since and b.until
    where c.case_type = 'exit' and c.finished_at is not null and c.passed is not false
    group by b.period, c.hh_id
),

joined as (
    select
        r.*,
        c_step.period is not null and c_exit_step.period is not null and r_step.hh_id is null as exit_step_known,
        exit_step.steps_n as exit_steps_n,
        exit_step.evidence as exit_step_evidence,
        member.hh_id is not null and rm.hh_id is null as member_known,
        member.members_n,
        member.can_work,
        member.has_lost_labour,
        member.evidence as member_evidence,
        {%- for fact, extract in extracts.items() %}
            c_{{ fact }}.period is not null and r_{{ fact }}.hh_id is null{{ and_members if fact in of_members }}
            {{- ' and (post.hh_id is null or post.is_held is not null)' if fact == 'post' }} as {{ fact }}_known,
            {{ fact }}.hh_id is not null as {{ fact }}_listed,
            {{ fact }}.evidence as {{ fact }}_evidence,
        {%- endfor %}
        aid.has_dibao,
        aid.has_backstop,
        aid.has_disability_subsidy,
        work.hh_id is not null and r_work.hh_id is null as work_known,
        work.has_worker,
        work.has_stable_worker,
        work.stable_n,
        work.wants_training,
        work.wants_work,
        work.has_startup,
        work.evidence as work_evidence,
        c_course.period is not null and r_course.hh_id is null and member.hh_id is not null and rm.hh_id is null as course_known,
        course.hh_id is not null as course_listed,
        course.has_trained,
        course.has_certificate,
        course.evidence as course_evidence,
        measure.is_of_cause,
        measure.is_motivating,
        measure.is_grant,
        measure.is_award,
        measure.amount_yuan,
        visit.is_wanting,
        visit.is_checked,
        visit.is_assessed,
        visit.helper_visits_n,
        visit.helper_days_n,
        c_helper.period is not null and (r.helper_id is not null or not {{ cell_refused('r', 'helper_id') }}) as helper_known,
        helper.person_id is not null and helper.has_left and (r.helper_since is null or r.helper_since <= helper.end_date) as helper_left,
        helper.evidence as helper_evidence,
        risk.is_explained,
        loan.is_for_livestock,
        venture.projects_n,
        venture.is_in_coop,
        venture.holds_share,
        venture.dividend_yuan,
        venture.cultivated_mu,
        venture.sown_mu
    from register as r
    left join member on member.period = r.period and member.hh_id = r.hh_id
    left join refused as rm on rm.extract = 'person_register' and rm.period = r.period and rm.hh_id = r.hh_id
    {%- for fact, extract in extracts.items() %}
        left join {{ fact }} on {{ fact }}.period = r.period and {{ fact }}.hh_id = r.hh_id
        left join ({{ covered(extract) }}) as c_{{ fact }} on c_{{ fact }}.period = r.period and c_{{ fact }}.village_code = r.village_code
        left join refused as r_{{ fact }}
            on r_{{ fact }}.extract = '{{ extract }}' and r_{{ fact }}.period = r.period and r_{{ fact }}.hh_id = r.hh_id
    {%- endfor %}
    left join exit_step on exit_step.period = r.period and exit_step.hh_id = r.hh_id
    left join {{ source('build', 'plan_coverage') }} as c_exit_step
        on c_exit_step.extract = 'case_event' and c_exit_step.period = r.period and c_exit_step.village_code = r.village_code
    left join helper on helper.period = r.period and helper.person_id = r.helper_id
    left join ({{ covered('cadre_post') }}) as c_helper on c_helper.period = r.period and c_helper.village_code = r.village_code
    left join work on work.period = r.period and work.hh_id = r.hh_id
    left join refused as r_work on r_work.extract = 'employment' and r_work.period = r.period and r_work.hh_id = r.hh_id
    left join course on course.period = r.period and course.hh_id = r.hh_id
    left join refused as r_course on r_course.extract = 'training_record' and r_course.period = r.period and r_course.hh_id = r.hh_id
    left join {{ source('build', 'plan_coverage') }} as c_course
        on c_course.extract = 'training_record' and c_course.period = r.period and c_course.village_code = r.village_code
)

select
    j.period,
    j.hh_id as subject,
    {{ area_or_root('j.village_code') }} as area_code,
    -- the register: when it came in, went out, fell back; who helps it
    true as hh_register__known,
    j.hh_type as hh_register__hh_type,
    j.is_registered as hh_register__is_registered,
    j.is_poor as hh_register__is_poor,
    j.poverty_status as hh_register__poverty_status,
    j.cause_main as hh_register__cause_main,
    j.hh_size as hh_register__hh_size,
    j.exit_year as hh_register__exit_year,
    j.planned_exit_year as hh_register__planned_exit_year,
    case
        when j.is_poor then false
        when j.exit_date is not null then substr(cast(j.exit_date as varchar), 1, 4) = substr(j.period, 1, 4)
        else j.exit_year = cast(substr(j.period, 1, 4) as integer)
    end as hh_register__has_exited_this_year,
    'month_' || substr(cast(j.exit_date as varchar), 6, 2) as hh_register__exit_month,
    case
        when j.relapse_date is not null then substr(cast(j.relapse_date as varchar), 1, 4) = substr(j.period, 1, 4)
        when not {{ cell_refused('j', 'relapse_date') }} then false
    end as hh_register__has_relapsed_this_year,
    substr(cast(j.identify_date as varchar), 1, 4) = substr(j.period, 1, 4) as hh_register__is_identified_this_year,
    case when j.helper_id is not null or not {{ cell_refused('j', 'helper_id') }} then j.helper_id is not null end as hh_register__has_helper,
    {{ evidence_one('j._source') }} as hh_register__evidence,
    -- whether the helper that the register names has left
    j.helper_known as helper__known,
    case when j.helper_known then j.helper_left end as helper__has_left,
    {{ evidence_or_none('j.helper_evidence') }} as helper__evidence,
    -- its members' strength
    j.member_known as member__known,
    case when j.member_known then j.can_work end as member__can_work,
    case when j.member_known then j.has_lost_labour end as member__has_lost_labour,
    {{ evidence_or_none('j.member_evidence') }} as member__evidence,
    {%- for fact in extracts %}
        j.{{ fact }}_known as {{ fact }}__known,
        case when j.{{ fact }}_known then j.{{ fact }}_listed end as {{ fact }}__has_one,
        {% if fact in of_members -%}
            {{ evidence_of_members('j.' ~ fact ~ '_evidence', 'j.members_n', 'j.member_evidence') | indent(12) }}
        {%- else -%}
            {{ evidence_or_none('j.' ~ fact ~ '_evidence') }}
        {%- endif %} as {{ fact }}__evidence,
    {%- endfor %}
    {%- for fact, name in [
        ('aid', 'has_dibao'), ('aid', 'has_backstop'), ('aid', 'has_disability_subsidy'),
        ('measure', 'is_of_cause'), ('measure', 'is_motivating'), ('measure', 'is_grant'), ('measure', 'is_award'), ('visit', 'is_wanting'), ('visit', 'is_checked'), ('visit', 'is_assessed'), ('risk', 'is_explained'),
        ('loan', 'is_for_livestock'), ('venture', 'is_in_coop'), ('venture', 'holds_share')
    ] %}
        case when j.{{ fact }}_known then j.{{ fact }}_listed and j.{{ name }} end as {{ fact }}__{{ name }},
    {%- endfor %}
    {{ zero_if_silent('j.measure_known', 'j.amount_yuan') }} as measure__amount_yuan,
    {%- for name in ['helper_visits_n', 'helper_days_n'] %}
        case when j.visit_known then case when j.visit_listed then j.{{ name }} else 0 end end as visit__{{ name }},  -- known: no row, no visit
    {%- endfor %}
    {{ zero_if_silent('j.venture_known', 'j.projects_n') }} as venture__projects_n,
    {{ zero_if_silent('j.venture_known', 'j.dividend_yuan') }} as venture__dividend_yuan,
    case when j.venture_known then j.cultivated_mu end as venture__cultivated_mu,
    case when j.venture_known then j.sown_mu end as venture__sown_mu,
    j.exit_step_known as exit_step__known,
    {{ zero_if_silent('j.exit_step_known', 'j.exit_steps_n') }} as exit_step__steps_n,
    {{ evidence_or_none('j.exit_step_evidence') }} as exit_step__evidence,
    -- work and training of its members
    j.work_known as work__known,
    case when j.work_known then j.has_worker end as work__has_worker,
    case when j.work_known then j.has_stable_worker end as work__has_stable_worker,
    case when j.work_known then j.stable_n end as work__stable_n,
    case when j.work_known then j.wants_training end as work__wants_training,
    case when j.work_known then j.wants_work end as work__wants_work,
    case when j.work_known then j.has_startup end as work__has_startup,
    {{ evidence_or_none('j.work_evidence') }} as work__evidence,
    j.course_known as course__known,
    case when j.course_known then j.course_listed and j.has_trained end as course__has_trained,
    case when j.course_known then j.course_listed and j.has_certificate end as course__has_certificate,
    {{ evidence_of_members('j.course_evidence', 'j.members_n', 'j.member_evidence') | indent(4) }} as course__evidence,
    -- what is known of its relocation and income
    {{ fact_columns('relocation', 'hh_id', silence='zero', asked=['industry_project']) }},
    {{ fact_columns('hh_income', 'hh_id') }}
from joined as j
{{ joined_fact('relocation', 'hh_id', 'j.hh_id', 'j.period', village='j.village_code', silence='zero') }}
{{ joined_fact('hh_income', 'hh_id', 'j.hh_id', 'j.period', latest='year') }}
