with line as (
    {{ row_subject('stat_base_county', key=['year'], year_ago=true) | indent(4) }}
)

-- of several years in one table the last one counts
select *
from line
qualify stat_base_county__year = max(stat_base_county__year) over (partition by period)
