{#- What a department sent, as the contract typed it: `raw` holds one view per extract over the bound submissions. -#}
{% macro staging(extract) -%}
select * from {{ source('raw', extract) }}
{%- endmacro %}
