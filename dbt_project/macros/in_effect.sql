{#- Rows of an extract with the month that they speak for: a submission in effect for several months appears once in each.
    Where townships or villages send their own files, a row counts as long as its submission has the last word on its area.
    `year_ago`: also the rows of the same months of the year before; `month_before`: of the months before those to build. -#}
{% macro in_effect(extract, only_built=true, year_ago=false, month_before=false) -%}
select r.*, e.period
from {{ ref('stg_' ~ extract) }} as r
inner join {{ source('build', 'in_effect') }} as e on e.extract = '{{ extract }}' and e.submission = r._submission
    and e.area is not distinct from r._area
{%- if only_built %}
inner join {{ source('build', 'compared_period' if year_ago else 'adjoining_period' if month_before else 'period') }} as b on b.period = e.period
{%- endif %}
{%- endmacro %}

{#- Rows of an extract that intake refused, with the months that they would have spoken for. -#}
{% macro refused(extract=none, only_built=true, month_before=false) -%}
select q.*, e.period
from {{ source('build', 'quarantine') }} as q
inner join {{ source('build', 'in_effect') }} as e on e.extract = {{ "'" ~ extract ~ "'" if extract else 'q.extract' }} and e.submission = q.submission
    and e.area is not distinct from q.area and q.extract = e.extract
{%- if only_built %}
inner join {{ source('build', 'adjoining_period' if month_before else 'period') }} as b on b.period = e.period
{%- endif %}
{%- endmacro %}

{#- Areas (lowest level) and months for which an extract has been received, for a left join on (period, village_code). -#}
{% macro covered(extract) -%}
select period, village_code from {{ source('build', 'coverage') }} where extract = '{{ extract }}'
{%- endmacro %}
