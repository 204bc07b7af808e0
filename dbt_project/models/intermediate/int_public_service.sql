-- Kinds of public service of villages beside the nation: the share of villages that have each, known where that of every village is.
{%- set kinds = {
    'road': ['village_road', 'hard_road'], 'power': ['village_power', 'power_3phase'], 'broadband': ['village_network', 'broadband']
} %}
with village as (
    select b.period, a.code
    from {{ source('policy', 'area') }} as a
    cross join {{ source('build', 'period') }} as b
    where a.is_lowest
),

share as (
    {% for kind, (extract, column) in kinds.items() %}
        select
            v.period,
            '{{ kind }}' as kind,
            count(*) as villages_n,
            count(*) filter (where r.{{ column }}) as have_n,
            count(*) filter (where r.{{ column }} is null) as unknown_n,
            {{ evidence_agg(['r._source']) }} as evidence
        from village as v
        left join ({{ in_effect(extract) }}) as r on r.period = v.period and r.village_code = v.code
        group by v.period
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    s.period,
    s.kind as subject,
    {{ area_or_root('cast(null as varchar)') }} as area_code,
    n.period is not null as nation__known,
    case s.kind
        {%- for kind in kinds %}
            when '{{ kind }}' then n.stat_base_county__national_avg_village_{{ kind }}_pct
        {%- endfor %}
    end as nation__has_pct,
    {{ evidence_or_none('n.stat_base_county__evidence') }} as nation__evidence,
    s.unknown_n = 0 as villages__known,
    case when s.unknown_n = 0 then cast(s.have_n as decimal(18, 6)) * 100 / s.villages_n end as villages__have_pct,
    s.evidence as villages__evidence
from share as s
left join {{ ref('int_economy') }} as n on n.period = s.period
