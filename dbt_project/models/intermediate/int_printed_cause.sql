with printed as (
    {{ in_effect('cause_table') }}
)

select
    period,
    cause as subject,
    {{ area_or_root('null') }} as area_code,
    true as cause_table__known,
    cause as cause_table__cause,
    households_n as cause_table__households_n,
    persons_n as cause_table__persons_n,
    household_share_pct as cause_table__household_share_pct,
    person_share_pct as cause_table__person_share_pct,
    {{ evidence_one('_source') }} as cause_table__evidence
from printed
