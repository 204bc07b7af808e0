{#- One row per measure, period and subject, from the entries in the yml (`config.meta.measures`); unknown values are NULL.
    Ten places, so that a share of a cent short of a threshold is not rounded up to it.

    `setting.<name>` is what the policy pack sets that month, as in contributions. -#}
{% macro measures(subject) -%}
{%- if not execute %}
select 1 as nothing from {{ subject }}
{%- else %}
{%- set spine = graph.nodes['model.' ~ project_name ~ '.' ~ subject.identifier].config.meta.subject.spine %}
{%- for entry in model.config.meta.measures %}
    {%- set facts = (spine + modules.re.findall('([a-z][a-z0-9_]*?)__[a-z]', entry.value)) | unique | list %}
    {%- set lists = [] %}{% for fact in facts %}{% do lists.append(fact ~ '__evidence') %}{% endfor %}
select
    '{{ entry.code }}' as measure,
    '{{ entry.window }}' as measure_window,
    period,
    area_code,
    subject,
    hh_register__hh_type as hh_type,
    cast({{ entry.value }} as decimal(38, 10)) as value,
    {{ evidence_union(lists) }} as evidence
from {{ subject }}
{%- if 'setting.' in entry.value %}
left join {{ source('build', 'setting') }} as setting using (period)
{%- endif %}
{{ 'union all' if not loop.last }}
{%- endfor %}
{%- endif %}
{%- endmacro %}
