{#- The only places where a missing row becomes a value. Elsewhere unknown stays NULL and SQL's three-valued logic carries it. -#}

{#- A fact whose contract says `silence: zero`: zero when its extract is known, unknown (NULL) when it is not. -#}
{% macro zero_if_silent(known, value) -%}
case when {{ known }} then coalesce({{ value }}, 0) end
{%- endmacro %}

{#- A yes/no over several rows: yes when one says yes; else unknown when one is unknown; else no. -#}
{% macro any_of(condition) -%}
case
    when count(*) filter (where {{ condition }}) > 0 then true
    when count(*) filter (where ({{ condition }}) is null) = 0 then false
end
{%- endmacro %}

{#- A row whose village nobody knows is counted for the whole area, not dropped. -#}
{% macro area_or_root(village_code) -%}
coalesce({{ village_code }}, (select min(code) from {{ source('policy', 'area') }} where parent is null))
{%- endmacro %}

{#- Whether an optional cell was refused: its value is then unknown, not absent. -#}
{% macro cell_refused(row, column) -%}{{ return(adapter.dispatch('cell_refused')(row, column)) }}{%- endmacro %}
{% macro duckdb__cell_refused(row, column) -%}list_contains({{ row }}._quarantined, '{{ column }}'){%- endmacro %}
{% macro spark__cell_refused(row, column) -%}array_contains({{ row }}._quarantined, '{{ column }}'){%- endmacro %}

{#- Whether what a row tells of still holds at the end of the row's month, by its date of ending: whatever ended by then, on the last
    day too, does not; yes where the date is blank, unknown where the cell was refused. -#}
{% macro holds_at_month_end(row, ended) -%}
case
    when {{ row }}.{{ ended }} is not null then {{ row }}.{{ ended }} > {{ last_day_of(row ~ '.period') }}
    when not {{ cell_refused(row, ended) }} then true
end
{%- endmacro %}

{#- Whether a date of a row is in the row's month: no where it is blank, unknown where the cell was refused. -#}
{% macro is_this_month(row, column) -%}
case
    when {{ row }}.{{ column }} is not null then {{ in_month(row ~ '.' ~ column, row ~ '.period') }}
    when not {{ cell_refused(row, column) }} then false
end
{%- endmacro %}
