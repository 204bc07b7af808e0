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
