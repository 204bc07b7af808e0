{#- Subject models made from an extract as it is: what a contract already says needs no SQL of its own.

    row_subject: one subject per row of an extract (a project, a loan, a visit), with the household or person that it names.
    joined_fact / fact_columns: an extract with one row per subject (per village, per person) as a fact of a spine.

    Every typed column of the contract becomes `<fact>__<column>`. -#}

{#- The typed columns of an extract, in the contract's order. -#}
{% macro extract_columns(extract) -%}
{%- set names = [] %}
{%- if execute %}
    {%- for column in adapter.get_columns_in_relation(source('raw', extract)) if not column.name.startswith('_') %}
        {%- do names.append(column.name) %}
    {%- endfor %}
{%- endif %}
{{- return(names) }}
{%- endmacro %}

{#- `extract`'s rows as subjects named by the columns `key`.

    `names`: 'household' (the row has hh_id), 'person' (it has person_id) or none; the fact `hh_register` is then the household's
    row of the register of the same month. `groups`: {column to make: [column, code map, group]}: whether the code is in the group,
    unknown where there is none. `asked`: optional columns whose being filled is asked: `<fact>__has_<column>`, unknown where the
    cell was refused. `made`: {column to make: SQL over the row `r`}. `history`: rows of every month since the plan began, for
    indicators that add months up; `year_ago`: also those of the year before, for indicators of that window. -#}
{% macro row_subject(extract, key, names=none, groups={}, asked=[], made={}, history=false, year_ago=false) -%}
{%- set columns = extract_columns(extract) %}
with source_row as (
    {{ in_effect(extract, only_built=not history, year_ago=year_ago) }}
    {%- if history %}
    where e.period >= (select p.plan_from from {{ source('policy', 'plan') }} as p)
        or e.period in (select b.period from {{ source('build', 'period') }} as b)
    {%- endif %}
)
{%- if names == 'person' %},

person as (
    {{ in_effect('person_register', only_built=not history, year_ago=year_ago) }}
)
{%- endif %}
{%- if names %},

household as (
    {{ registered_household(only_built=not history, year_ago=year_ago) }}
)
{%- endif %}

select
    r.period,
    {% for column in key %}cast(r.{{ column }} as varchar){{ " || '/' || " if not loop.last }}{% endfor %} as subject,
    {{ area_or_root(row_area(columns, names)) }} as area_code,
    true as {{ extract }}__known,
    {%- for column in columns %}
    r.{{ column }} as {{ extract }}__{{ column }},
    {%- endfor %}
    {%- for column in asked %}
    case when r.{{ column }} is not null or not {{ cell_refused('r', column) }} then r.{{ column }} is not null end
        as {{ extract }}__has_{{ column }},
    {%- endfor %}
    {%- for column, sql in made.items() %}
    {{ sql }} as {{ extract }}__{{ column }},
    {%- endfor %}
    {%- for kind, about in groups.items() %}
    case when r.{{ about[0] }} is not null then {{ kind }}_group.code is not null end as {{ extract }}__{{ kind }},
    {%- endfor %}
    {{ evidence_one('r._source') }} as {{ extract }}__evidence
    {%- if names %},
    household.hh_id is not null as hh_register__known,
    household.hh_id as hh_register__hh_id,
    {%- for column in household_columns() %}
    household.{{ column }} as hh_register__{{ column }},
    {%- endfor %}
    {%- set rows = [evidence_one('household._source')] + ([evidence_one('person._source')] if names == 'person' else []) %}
    {{ evidence_or_none('case when household.hh_id is not null then ' ~ evidence_union(rows) ~ ' end') }} as hh_register__evidence
    {%- endif %}
from source_row as r
{%- if names == 'person' %}
left join person on person.period = r.period and person.person_id = r.person_id
left join household on household.period = r.period and household.hh_id = person.hh_id
{%- elif names == 'household' %}
left join household on household.period = r.period and household.hh_id = r.hh_id
{%- endif %}
{%- for kind, about in groups.items() %}
left join {{ source('policy', 'code_group') }} as {{ kind }}_group
    on {{ kind }}_group.map = '{{ about[1] }}' and {{ kind }}_group.member_of = '{{ about[2] }}' and {{ kind }}_group.code = r.{{ about[0] }}
{%- endfor %}
{%- endmacro %}

{#- The most precise area that a row names; the household's where it names none and the subject's spine has the register. -#}
{% macro row_area(columns, names) -%}
{%- set places = [] %}
{%- for column in ['village_code', 'township_code'] if column in columns %}{% do places.append('r.' ~ column) %}{% endfor %}
{%- if names and execute and 'hh_register' in model.config.meta.subject.spine %}{% do places.append('household.village_code') %}{% endif %}
{{- return('coalesce(' ~ (places + ['null']) | join(', ') ~ ')') }}
{%- endmacro %}

{#- The register's households with the classes that indicators ask for. -#}
{% macro registered_household(only_built=true, year_ago=false) -%}
select h.*, poor.code is not null as is_poor, registered.code is not null as is_registered, monitored.code is not null as is_monitored
from ({{ in_effect('hh_register', only_built=only_built, year_ago=year_ago) }}) as h
left join {{ source('policy', 'code_group') }} as poor
    on poor.map = 'poverty_status' and poor.member_of = 'poor' and poor.code = h.poverty_status
left join {{ source('policy', 'code_group') }} as registered
    on registered.map = 'hh_type' and registered.member_of = 'registered' and registered.code = h.hh_type
left join {{ source('policy', 'code_group') }} as monitored
    on monitored.map = 'hh_type' and monitored.member_of = 'monitored' and monitored.code = h.hh_type
{%- endmacro %}

{#- The register's persons, each with `is_dead`: whether the register lists them as dead, null where it does not say. -#}
{% macro listed_person(only_built=true, month_before=false) -%}
select
    p.*,
    case when p.person_status is not null then dead.code is not null end as is_dead
from ({{ in_effect('person_register', only_built=only_built, month_before=month_before) }}) as p
left join {{ source('policy', 'code_group') }} as dead
    on dead.map = 'person_status' and dead.member_of = 'dead' and dead.code = p.person_status
{%- endmacro %}

{#- Those of them that are not listed as dead: the dead are rows of the register and members of no household. -#}
{% macro living_person(month_before=false) -%}
select p.*
from ({{ listed_person(month_before=month_before) }}) as p
where p.is_dead is not true
{%- endmacro %}

{#- What of a household every row that names it is told. -#}
{% macro household_columns() -%}
{{- return(['hh_type', 'is_registered', 'is_monitored', 'poverty_status', 'is_poor', 'cause_main', 'hh_size']) }}
{%- endmacro %}

{#- The columns of an extract that has one row per subject, as a fact. `row` is its alias in the join of `joined_fact`.

    Known: where a row came; with `silence` 'zero' also where the extract came for the area and has no row, when
    `<fact>__listed` is false. `asked`: as of row_subject. -#}
{% macro fact_columns(extract, key, silence='unknown', asked=[]) -%}
{%- set row = extract ~ '_row' %}
{%- set known = row ~ '.' ~ key ~ ' is not null' ~ (' or ' ~ extract ~ '_area.period is not null' if silence == 'zero' else '') %}
({{ known }}) as {{ extract }}__known,
case when {{ known }} then {{ row }}.{{ key }} is not null end as {{ extract }}__listed,
{%- for column in extract_columns(extract) if column != key %}
{{ row }}.{{ column }} as {{ extract }}__{{ column }},
{%- endfor %}
{%- for column in asked %}
case when {{ row }}.{{ column }} is not null or ({{ row }}.{{ key }} is not null and not {{ cell_refused(row, column) }})
    then {{ row }}.{{ column }} is not null end as {{ extract }}__has_{{ column }},
{%- endfor %}
{{ evidence_or_none('case when ' ~ row ~ '.' ~ key ~ ' is not null then ' ~ evidence_one(row ~ '._source') ~ ' end') }} as {{ extract }}__evidence
{%- endmacro %}

{#- The join that `fact_columns` needs. `on_subject` is the spine's column that the extract's `key` equals; `village` its village.
    `latest`: a column of the extract's key (a year) of which only the last one counts. -#}
{% macro joined_fact(extract, key, on_subject, period, village=none, silence='unknown', latest=none) -%}
left join ({{ in_effect(extract) }}
{%- if latest %}
qualify row_number() over (partition by e.period, r.{{ key }} order by r.{{ latest }} desc, r._source) = 1
{%- endif -%}
) as {{ extract }}_row on {{ extract }}_row.period = {{ period }} and {{ extract }}_row.{{ key }} = {{ on_subject }}
{%- if silence == 'zero' %}
left join ({{ covered(extract) }}) as {{ extract }}_area on {{ extract }}_area.period = {{ period }} and {{ extract }}_area.village_code = {{ village }}
{%- endif %}
{%- endmacro %}

{#- A fact about a household made of several rows: a relation named after the fact, grouped by period and hh_id, with `evidence`.

    `zero`: its sums and counts, zero where nothing came; `flags`: its yes/no columns, no where nothing came; `values`: its other
    columns, unknown then. Known where every extract has come for the village, none of its rows about the household was refused, and
    `known` holds. `members`: how many members the household has and their rows, where it is known through them. The query needs the relation `refused` (int_refused_household) and the columns of `spine` period, subject, area_code. -#}
{% macro household_fact(fact, extracts, zero=[], flags=[], values=[], known='true', members=none) -%}
{%- set conditions = [known] %}
{%- for extract in extracts %}
    {%- do conditions.append(fact ~ '_' ~ extract ~ '.period is not null and ' ~ fact ~ '_' ~ extract ~ '_refused.hh_id is null') %}
{%- endfor %}
{%- set holds = '(' ~ conditions | join(') and (') ~ ')' %}
{{ holds }} as {{ fact }}__known,
{%- for column in zero %}
{{ zero_if_silent(holds, fact ~ '.' ~ column) }} as {{ fact }}__{{ column }},
{%- endfor %}
{%- for column in flags %}
case when {{ holds }} then {{ fact }}.hh_id is not null and {{ fact }}.{{ column }} end as {{ fact }}__{{ column }},
{%- endfor %}
{%- for column in values %}
case when {{ holds }} then {{ fact }}.{{ column }} end as {{ fact }}__{{ column }},
{%- endfor %}
{{ evidence_of_members(fact ~ '.evidence', members[0], members[1]) if members else evidence_or_none(fact ~ '.evidence') }} as {{ fact }}__evidence
{%- endmacro %}

{#- The joins that `household_fact` needs; `spine` is the alias of the households. -#}
{% macro household_fact_join(fact, extracts, spine) -%}
left join {{ fact }} on {{ fact }}.period = {{ spine }}.period and {{ fact }}.hh_id = {{ spine }}.subject
{%- for extract in extracts %}
left join ({{ covered(extract) }}) as {{ fact }}_{{ extract }}
    on {{ fact }}_{{ extract }}.period = {{ spine }}.period and {{ fact }}_{{ extract }}.village_code = {{ spine }}.area_code
left join refused as {{ fact }}_{{ extract }}_refused
    on {{ fact }}_{{ extract }}_refused.extract = '{{ extract }}' and {{ fact }}_{{ extract }}_refused.period = {{ spine }}.period
    and {{ fact }}_{{ extract }}_refused.hh_id = {{ spine }}.subject
{%- endfor %}
{%- endmacro %}

{#- Whether a visit was the household's helper's: told by the id number and, where one side has none, by name and office. Nobody's is the
    helper's where the register names none; unknown where it does not say. `visitor`: what the columns of the visit begin with,
    `register`: the household's row. -#}
{% macro came_as_helper(visitor, register) -%}
case
    when {{ visitor }}visitor_id is not null and {{ register }}.helper_id is not null then {{ visitor }}visitor_id = {{ register }}.helper_id
    when {{ visitor }}visitor_name is not null and {{ register }}.helper_name is not null
        then {{ visitor }}visitor_name = {{ register }}.helper_name and {{ visitor }}visitor_role in ('helper', {{ register }}.helper_role)
    when
        {{ register }}.hh_id is not null and {{ register }}.helper_id is null and {{ register }}.helper_name is null
        and not {{ cell_refused(register, 'helper_id') }} and not {{ cell_refused(register, 'helper_name') }}
        then false
end
{%- endmacro %}

{#- The bands of age of the pack: the code is the first age of its band, which ends where the next one begins. -#}
{% macro age_bands() -%}
select
    code,
    first_age,
    lead(first_age) over (order by first_age) as next_age,
    is_minor,
    is_infant,
    is_screened
from (
    select
        c.code,
        cast(substr(c.code, 6) as integer) as first_age,
        minor.code is not null as is_minor,
        infant.code is not null as is_infant,
        screened.code is not null as is_screened
    from {{ source('policy', 'code') }} as c
    left join {{ source('policy', 'code_group') }} as minor
        on minor.map = 'age_band' and minor.member_of = 'minor' and minor.code = c.code
    left join {{ source('policy', 'code_group') }} as infant
        on infant.map = 'age_band' and infant.member_of = 'infant' and infant.code = c.code
    left join {{ source('policy', 'code_group') }} as screened
        on screened.map = 'age_band' and screened.member_of = 'screened' and screened.code = c.code
    where c.map = 'age_band'
) as band
{%- endmacro %}

{#- Whether the age of a person's row at the end of its month is in a band. -#}
{% macro in_band(person, band) -%}
{%- set age = years_between(person ~ '.birth_date', last_day_of(person ~ '.period')) -%}
{{ band }}.first_age <= {{ age }} and ({{ band }}.next_age is null or {{ age }} < {{ band }}.next_age)
{%- endmacro %}
