{#- Generic tests. Each is a true sentence; what it returns are the offenders, with their period and area where they have one. -#}

{% test unique_key(model, columns) %}
select {{ columns | join(', ') }}, count(*) as times
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}

{% test cuts_add_up(model, indicator) %}
select
    period,
    area as area_code,
    sum(numerator) filter (where breakdown = '') as whole,
    sum(numerator) filter (where breakdown <> '') as parts
from {{ model }}
where indicator = '{{ indicator }}'
group by period, area
having sum(numerator) filter (where breakdown = '') <> sum(numerator) filter (where breakdown <> '')
{% endtest %}

{% test parts_add_up_to_whole(model) %}
select p.period, p.area as area_code, p.indicator, p.breakdown, p.numerator, sum(c.numerator) as children
from {{ model }} as p
inner join {{ source('policy', 'area') }} as a on a.parent = p.area
inner join {{ model }} as c
    on c.period = p.period and c.indicator = p.indicator and c.breakdown = p.breakdown and c.area = a.code
where p.denominator is null
group by p.period, p.area, p.indicator, p.breakdown, p.numerator
having p.numerator < sum(c.numerator)
{% endtest %}

{#- Opening + came − left = closing. A subject of whom one end is unknown is in the other end only: as unknown to have come or left. -#}
{% test stock_and_flow_add_up(model, opening, came, left, closing) %}
select
    o.period,
    o.area as area_code,
    o.breakdown,
    o.numerator as opening,
    i.numerator as came,
    i.unknown as came_unknown,
    l.numerator as gone,
    l.unknown as gone_unknown,
    c.numerator as closing
from {{ model }} as o
inner join {{ model }} as i on i.indicator = '{{ came }}' and i.period = o.period and i.area = o.area and i.breakdown = o.breakdown
inner join {{ model }} as l on l.indicator = '{{ left }}' and l.period = o.period and l.area = o.area and l.breakdown = o.breakdown
inner join {{ model }} as c on c.indicator = '{{ closing }}' and c.period = o.period and c.area = o.area and c.breakdown = o.breakdown
where o.indicator = '{{ opening }}'
    and o.numerator + i.numerator + i.unknown - l.numerator - l.unknown <> c.numerator
{% endtest %}

{#- What stood at the end of a month is what stands at the beginning of the next, where both were built. -#}
{% test opening_is_the_closing_before(model) %}
with n as (
    select period, before_period, area_code, count(*) filter (where opening__there) as opening, count(*) filter (where closing__there) as closing
    from {{ model }}
    group by period, before_period, area_code
)
select n.period, n.area_code, n.opening, b.closing
from n
inner join n as b on b.period = n.before_period and b.area_code = n.area_code
where n.opening <> b.closing
{% endtest %}

{#- The two sides that an indicator holds against each other say the same, wherever both are known. -#}
{% test adds_up_to_nothing(model, indicator) %}
select period, area as area_code, breakdown, value
from {{ model }}
where indicator = '{{ indicator }}' and unknown = 0 and value <> 0
{% endtest %}

{% test no_figure_exceeds(model, part, whole) %}
select p.period, p.area as area_code, p.value, w.value as whole
from {{ model }} as p
inner join {{ model }} as w
    on w.period = p.period and w.area = p.area and w.breakdown = p.breakdown and w.indicator = '{{ whole }}'
where p.indicator = '{{ part }}' and p.value > w.value
{% endtest %}

{#- Lists of int_identity. A test of `config.meta.by_row` gives a finding for each row that it returns, at the place of its `source`. -#}
{% test nobody_listed(model, list) %}
select period, village_code as area_code, source, other_source
from {{ model }}
where list = '{{ list }}'
{% endtest %}

{% test everybody_found(model, list) %}
select period, submission, min(source) as source, count(*) as times
from {{ model }}
where list = '{{ list }}'
group by period, submission
{% endtest %}

{% test nobody_changed(model, list) %}
select period, person_id
from {{ model }}
where list = '{{ list }}'
{% endtest %}
