{#- One row per indicator, breakdown value, period and subject, from the entries in the topic's yml (`config.meta.indicators`).

    `population` false leaves the subject out; unknown keeps it with an unknown numerator, so that it is counted as unknown.
    `setting.<name>` is what the policy pack sets that month (unknown where it sets nothing).
    Evidence is that of the subject's spine and of every fact (`<fact>__…`) that an expression names. -#}
{% macro contributions(subject) -%}
{%- if not execute %}
select 1 as nothing from {{ subject }}
{%- else %}
{%- set spine = graph.nodes['model.' ~ project_name ~ '.' ~ subject.identifier].config.meta.subject.spine %}
{%- set branches = [] %}
{%- for entry in model.config.meta.indicators if entry.derived is not defined %}
    {%- set cuts = [none] + (entry.breakdowns | default({})).keys() | list %}
    {%- if entry.total is defined and not entry.total %}{% set cuts = cuts[1:] %}{% endif %}
    {%- for cut in cuts %}{% do branches.append([entry, cut]) %}{% endfor %}
{%- endfor %}
{%- for entry, cut in branches %}
    {%- set by = entry.breakdowns[cut].column if cut else '' %}
    {%- set text = entry.numerator ~ ' ' ~ entry.population ~ ' ' ~ by %}
    {%- set facts = (spine + modules.re.findall('([a-z][a-z0-9_]*?)__[a-z]', text)) | unique | list %}
    {%- set lists = [] %}{% for fact in facts %}{% do lists.append(fact ~ '__evidence') %}{% endfor %}
select
    '{{ entry.code }}' as indicator,
    {{ "'" ~ cut ~ "=' || coalesce(" ~ by ~ ", 'unknown')" if cut else "''" }} as breakdown,
    period,
    area_code,
    subject,
    cast(case when {{ entry.population }} then {{ entry.numerator }} end as decimal(38, 4)) as numerator,
    {{ evidence_union(lists) }} as evidence
from {{ subject }}
{%- if 'setting.' in text %}
left join {{ source('build', 'setting') }} as setting using (period)
{%- endif %}
where ({{ entry.population }}) is not false
{{ 'union all' if not loop.last }}
{%- endfor %}
{%- endif %}
{%- endmacro %}
