with risk as (
    {{ row_subject(
        'risk_record',
        key=['hh_id', 'risk_code'],
        names='household',
        groups={'is_open': ['status', 'risk_status', 'open']}
    ) | indent(4) }}
)

select
    r.*,
    h.posts__known,
    h.posts__posts_n,
    {{ evidence_or_none(evidence_union(['h.hh_register__evidence', 'h.posts__evidence'])) }} as posts__evidence
from risk as r
left join {{ ref('int_household_month') }} as h on h.period = r.period and h.subject = r.risk_record__hh_id
