-- What the policy pack sets by itself: no department reports it.
select
    period,
    'lines' as subject,
    {{ area_or_root('cast(null as varchar)') }} as area_code,
    true as pack__known,
    {{ evidence_or_none('null') }} as pack__evidence
from {{ source('build', 'compared_period') }}
