-- A house is safe when its grade is, or when it was made so. Who lives in a dangerous one and owns a safe one does not lack a safe house.
with dwelling as (
    select
        d.*,
        g.code is not null and d.done_date is null as is_dangerous,
        count(*) filter (where g.code is null or d.done_date is not null) over (partition by d.period, d.hh_id) as safe_n
    from ({{ in_effect('housing', month_before=true) }}) as d
    left join {{ source('policy', 'code_group') }} as g
        on g.map = 'house_grade' and g.member_of = 'dangerous' and g.code = d.house_grade
)

select
    period,
    hh_id,
    {{ any_of('is_dangerous and occupied') }} as dangerous_occupied,
    {{ any_of('is_dangerous and occupied and safe_n = 0') }} as lacks_safe,
    {{ any_of(
        "key_group is not null and done_date is not null"
        " and date_trunc('year', done_date) = date_trunc('year', cast(period || '-01' as date))"
    ) }} as renovated_this_year,
    {{ any_of("structure = 'adobe' and only_dwelling and (safe_n = 0 or (safe_n = 1 and not is_dangerous))") }} as has_only_adobe,
    {{ evidence_agg(['_source']) }} as evidence
from dwelling
group by period, hh_id
