with root as (
    select min(code) as code
    from {{ source('policy', 'area') }}
    where parent is null
)

select
    m.period,
    cast(m.source as varchar) as subject,
    root.code as area_code,
    true as named_row__known,
    m.extract as named_row__extract,
    {{ evidence_one('m.source') }} as named_row__evidence,
    m.found is not null as match__known,
    m.found as match__found,
    {{ evidence_or_none("case when m.register_source is not null then " ~ evidence_one('m.register_source') ~ " end") }} as match__evidence
from {{ ref('int_row_match') }} as m
cross join root
