with voucher as (
    {{ row_subject('fund_voucher', key=['voucher_id'], asked=['payee', 'project_id', 'source_org'], history=true) | indent(4) }}
),

account as (
    select period, account_id, max(manager) as manager, {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('fund_progress', only_built=false) }})
    group by period, account_id
),

project as (
    select period, project_id, max(owner_dept) as owner_dept, max(village_code) as village_code, {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('project_library', only_built=false) }})
    group by period, project_id
),

village as (
    {{ in_effect('village_register', only_built=false) }}
)

select
    v.*,
    -- the account that it was paid from
    account.account_id is not null as account__known,
    account.manager as account__manager,
    {{ evidence_or_none('account.evidence') }} as account__evidence,
    -- the project that it was paid for
    project.project_id is not null as project__known,
    project.owner_dept as project__owner_dept,
    coalesce(v.fund_voucher__village_code, project.village_code) as project__place,  -- known: NULL where neither names one
    {{ evidence_or_none('project.evidence') }} as project__evidence,
    -- the village of either
    village.village_code is not null as village__known,
    village.is_poor_village as village__is_poor_village,
    {{ evidence_or_none('case when village.village_code is not null then ' ~ evidence_one('village._source') ~ ' end') }} as village__evidence
from voucher as v
left join account on account.period = v.period and account.account_id = v.fund_voucher__account_id
left join project on project.period = v.period and project.project_id = v.fund_voucher__project_id
left join village
    on village.period = v.period and village.village_code = coalesce(v.fund_voucher__village_code, project.village_code)  -- known: matches none
