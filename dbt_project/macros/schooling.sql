{#- Compulsory schooling: who must be at school. Ages and years are settings of the pack, stages a group of its codes. -#}

{#- Whether a person of this age is of the years of compulsory schooling; unknown where the age is, or the settings are not set. -#}
{% macro of_compulsory_age(age, setting='setting') -%}
({{ age }} >= {{ setting }}.compulsory_school_age and {{ age }} < {{ setting }}.compulsory_school_age + {{ setting }}.compulsory_school_years)
{%- endmacro %}

{#- Whether what a child misses is compulsory: the stage that it misses says so (`of_stage`: null where none is given), else its age. -#}
{% macro misses_compulsory(of_stage, age, setting='setting') -%}
case when {{ of_stage }} is not null then {{ of_stage }} else {{ of_compulsory_age(age, setting) }} end
{%- endmacro %}
