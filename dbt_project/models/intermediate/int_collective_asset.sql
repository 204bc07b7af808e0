with asset as (
    {{ row_subject(
        'collective_asset',
        key=['asset_id'],
        asked=['keeper', 'ledger_level', 'solar_kw'],
        made={'reported_in': 'r._period'}
    ) | indent(4) }}
),

share as (
    {{ in_effect('collective_asset_share', only_built=false) | indent(4) }}
    where e.period = r._period
),

-- what households were paid in the year of the asset's row, as far as that row speaks
paid as (
    select
        asset.period,
        asset.subject,
        sum(share.share_amount) as amount_yuan,  -- known: only rows that came are added; the fact itself is unknown where none did
        {{ evidence_agg(['share._source']) }} as evidence
    from asset
    inner join share
        on share.asset_id = asset.subject and share.period <= asset.collective_asset__reported_in
        and substr(share.period, 1, 4) = substr(asset.collective_asset__reported_in, 1, 4)
    group by asset.period, asset.subject
),

joined as (
    select
        asset.*,
        cs.period is not null as paid__known,
        {{ zero_if_silent('cs.period is not null', 'paid.amount_yuan') }} as paid__amount_yuan,
        {{ evidence_or_none('paid.evidence') }} as paid__evidence
    from asset
    left join paid on paid.period = asset.period and paid.subject = asset.subject
    left join ({{ covered('collective_asset_share') }}) as cs on cs.period = asset.period and cs.village_code = asset.area_code
)

select
    *,
    -- what the village keeps may be left blank: then only paying more than there is shows
    case
        when collective_asset__income_kept is not null then collective_asset__income - collective_asset__income_kept - paid__amount_yuan
        when paid__amount_yuan > collective_asset__income then collective_asset__income - paid__amount_yuan
    end as paid__unexplained_yuan
from joined
