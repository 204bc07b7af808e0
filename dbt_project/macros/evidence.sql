{#- Lists of source rows. Nothing else in the project touches lists, so that what engines spell differently is here. -#}

{% macro evidence_agg(columns) -%}{{ return(adapter.dispatch('evidence_agg')(columns)) }}{%- endmacro %}
{% macro duckdb__evidence_agg(columns) -%}
list_sort(list_distinct(flatten([{% for column in columns %}array_agg({{ column }}){{ ', ' if not loop.last }}{% endfor %}])))
{%- endmacro %}
{% macro spark__evidence_agg(columns) -%}
array_sort(array_distinct(concat({% for column in columns %}collect_list({{ column }}){{ ', ' if not loop.last }}{% endfor %})))
{%- endmacro %}

{#- The rows of several rows of a fact: every list of the group in one. -#}
{% macro evidence_of_all(list) -%}{{ return(adapter.dispatch('evidence_of_all')(list)) }}{%- endmacro %}
{% macro duckdb__evidence_of_all(list) -%}list_sort(list_distinct(flatten(array_agg({{ list }})))){%- endmacro %}
{% macro spark__evidence_of_all(list) -%}array_sort(array_distinct(flatten(collect_list({{ list }})))){%- endmacro %}

{% macro evidence_union(lists) -%}{{ return(adapter.dispatch('evidence_union')(lists)) }}{%- endmacro %}
{% macro duckdb__evidence_union(lists) -%}
{% if lists | length == 1 %}{{ lists[0] }}{% else %}list_sort(list_distinct(flatten([{{ lists | join(', ') }}]))){% endif %}
{%- endmacro %}
{% macro spark__evidence_union(lists) -%}
{% if lists | length == 1 %}{{ lists[0] }}{% else %}array_sort(array_distinct(concat({{ lists | join(', ') }}))){% endif %}
{%- endmacro %}

{#- The rows of a fact that may have none: an empty list, never NULL. `columns` none gives the empty list itself. -#}
{% macro evidence_or_none(list) -%}{{ return(adapter.dispatch('evidence_or_none')(list)) }}{%- endmacro %}
{% macro duckdb__evidence_or_none(list) -%}coalesce({{ list }}, cast([] as bigint[])){%- endmacro %}
{% macro spark__evidence_or_none(list) -%}coalesce({{ list }}, cast(array() as array<bigint>)){%- endmacro %}

{#- The rows of a fact of a household's members: its own and, in a household of one, that member's, without whom it would be unknown. -#}
{% macro evidence_of_members(list, members_n, members) -%}
case
    when {{ members_n }} = 1 then {{ evidence_union([evidence_or_none(list), members]) }}
    else {{ evidence_or_none(list) }}
end
{%- endmacro %}

{% macro evidence_none_or_one(column) -%}
{{ evidence_or_none('case when ' ~ column ~ ' is not null then ' ~ evidence_one(column) ~ ' end') }}
{%- endmacro %}

{% macro evidence_one(column) -%}{{ return(adapter.dispatch('evidence_one')(column)) }}{%- endmacro %}
{% macro duckdb__evidence_one(column) -%}[{{ column }}]{%- endmacro %}
{% macro spark__evidence_one(column) -%}array({{ column }}){%- endmacro %}
