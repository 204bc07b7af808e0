with line as (
    {{ row_subject('fund_budget', key=['year', 'level', 'fund_type'], year_ago=true) | indent(4) }}
)

-- of several years in one table the last one counts
select *
from line
qualify fund_budget__year = max(fund_budget__year) over (partition by period)
