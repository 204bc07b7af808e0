with leader as (
    {{ row_subject('leader_register', key=['person_id'], asked=['trained_date']) | indent(4) }}
),

taught as (
    select period, trainer_id, count(*) as entries_n, {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('training_record') }})
    where trainer_id is not null
    group by period, trainer_id
)

select
    leader.*,
    -- whom it taught in the month
    c.period is not null as taught__known,
    {{ zero_if_silent('c.period is not null', 'taught.entries_n') }} as taught__entries_n,
    {{ evidence_or_none('taught.evidence') }} as taught__evidence
from leader
left join taught on taught.period = leader.period and taught.trainer_id = leader.leader_register__person_id
left join ({{ covered('training_record') }}) as c on c.period = leader.period and c.village_code = leader.leader_register__village_code
