-- What passes through each stage of the funds against poverty, and whether an audit of the year looked at it.
with account as (
    {{ in_effect('fund_progress') }}
),

voucher as (
    select b.period as built, r.*
    from ({{ in_effect('fund_voucher', only_built=false) }}) as r
    inner join {{ source('build', 'window_start') }} as b on b.time_window = 'year' and r.period between b.since and b.until
    where r.project_id is not null
),

-- a cell that is blank passes on or uses nothing; one that was refused leaves the sum open
money as (
    {% for stage, column in {'allocation': 'allocated', 'management': 'used'}.items() %}
        select
            account.period,
            '{{ stage }}' as stage,
            case when not {{ any_of(cell_refused('account', column)) }} then sum(account.{{ column }}) end as yuan,  -- known: above
            {{ evidence_agg(['account._source']) }} as evidence
        from account
        group by account.period
        union all
    {% endfor %}
    select
        built as period,
        'use' as stage,
        sum(amount) as yuan,  -- known: the amount is required
        {{ evidence_agg(['_source']) }} as evidence
    from voucher
    group by built
),

audited as (
    select f.period, f.fund_stage as stage, {{ evidence_agg(['f._source']) }} as evidence
    from ({{ in_effect('audit_finding') }}) as f
    where f.topic = 'funds' and f.fund_stage is not null and substr(cast(f.check_date as varchar), 1, 4) = substr(f.period, 1, 4)
    group by f.period, f.fund_stage
),

listed as (
    select period, {{ any_of("topic = 'funds' and fund_stage is null") }} as is_unclear
    from ({{ in_effect('audit_finding') }})
    group by period
)

select
    m.period,
    m.stage as subject,
    {{ area_or_root('cast(null as varchar)') }} as area_code,
    m.yuan is not null as money__known,
    m.yuan as money__yuan,
    m.evidence as money__evidence,
    audited.stage is not null or c.period is not null and listed.is_unclear is not true as audited__known,
    case when audited.stage is not null then true when c.period is not null and listed.is_unclear is not true then false end as audited__has_one,
    {{ evidence_or_none('audited.evidence') }} as audited__evidence
from money as m
left join audited on audited.period = m.period and audited.stage = m.stage
left join listed on listed.period = m.period
left join (
    select distinct period from ({{ covered('audit_finding') }})
) as c on c.period = m.period
