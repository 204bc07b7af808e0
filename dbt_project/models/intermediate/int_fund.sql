-- A fund, what was paid out of it for projects since January, and what the account of the fund says that projects used.
with account as (
    {{ in_effect('fund_progress') }}
),

-- a cell that is blank used nothing; one that was refused leaves the sum open
used as (
    select
        account.period,
        account.fund_type,
        case when not {{ any_of(cell_refused('account', 'used')) }} then sum(account.used) end as yuan,  -- known: above
        {{ evidence_agg(['account._source']) }} as evidence
    from account
    where account.used <> 0 or {{ cell_refused('account', 'used') }}
    group by account.period, account.fund_type
),

paid as (
    select
        b.period,
        r.fund_type,
        sum(r.amount) as yuan,  -- known: the amount is required
        {{ evidence_agg(['r._source']) }} as evidence
    from ({{ in_effect('fund_voucher', only_built=false) }}) as r
    inner join {{ source('build', 'window_start') }} as b on b.time_window = 'year' and r.period between b.since and b.until
    where r.project_id is not null
    group by b.period, r.fund_type
),

fund as (
    select used.period, used.fund_type from used
    union
    select paid.period, paid.fund_type from paid
)

select
    f.period,
    f.fund_type as subject,
    {{ area_or_root('cast(null as varchar)') }} as area_code,
    f.fund_type as money__fund_type,
    used.fund_type is null or used.yuan is not null as money__known,
    {{ zero_if_silent('true', 'paid.yuan') }} - {{ zero_if_silent('used.fund_type is null or used.yuan is not null', 'used.yuan') }}
        as money__paid_less_used_yuan,
    {{ evidence_union([evidence_or_none('used.evidence'), evidence_or_none('paid.evidence')]) }} as money__evidence
from fund as f
left join used on used.period = f.period and used.fund_type = f.fund_type
left join paid on paid.period = f.period and paid.fund_type = f.fund_type
