with due as (
    select d.*, p.part, p.extract, p.any_department, p.absent_is_no
    from {{ source('build', 'duty_due') }} as d
    inner join {{ source('build', 'duty_part') }} as p on p.duty = d.duty
),

-- the rows of whoever owes the duty, in the days of the occurrence; not sure: a refused cell leaves it open
matched as (
    select due.period, due.subject, due.part, r.sure, r.day, r.source
    from due
    inner join {{ source('build', 'duty_row') }} as r
        on r.duty = due.duty and r.part = due.part and r.period between due.first_period and due.period
    left join {{ source('policy', 'area_closure') }} as c on c.ancestor = due.area_code and c.descendant = r.area_code
    where
        case
            when due.by_area then c.descendant is not null or (r.area_code is null and not r.sure)
            else due.any_department or r.department = due.department or (r.department is null and not r.sure)
        end
        and (not r.sure or r.day between due.first_day and due.last_day)
),

-- the first row is what shows it done
found as (
    select *
    from matched
    where sure
    qualify row_number() over (partition by period, subject, part order by day, source) = 1
),

doubted as (
    select distinct period, subject, part
    from matched
    where not sure
    union
    select due.period, due.subject, due.part
    from due
    inner join {{ source('build', 'in_effect') }} as e
        on e.extract = due.extract and e.period between due.first_period and due.period
    inner join {{ source('build', 'quarantine') }} as q
        on q.extract = e.extract and q.submission = e.submission and q.area is not distinct from e.area
    left join {{ source('policy', 'area_closure') }} as c
        on c.ancestor = due.area_code and (c.descendant = q.village_code or q.village_code is null and c.descendant = q.area)
    where c.descendant is not null or (q.village_code is null and q.area is null)
    union
    select due.period, due.subject, due.part
    from due
    inner join {{ source('build', 'extract_month') }} as x
        on x.extract = due.extract and x.counts and x.period between due.first_period and due.period
    inner join {{ source('policy', 'area_closure') }} as c on c.ancestor = due.area_code
    inner join {{ source('policy', 'area') }} as a on a.code = c.descendant and a.is_lowest
    left join {{ source('build', 'coverage') }} as v on v.extract = x.extract and v.period = x.period and v.village_code = a.code
    where v.village_code is null
),

part_done as (
    select
        due.period,
        due.subject,
        found.day,
        case
            when found.source is not null then true
            when due.absent_is_no and doubted.subject is null then false
        end as done,
        found.source
    from due
    left join found on found.period = due.period and found.subject = due.subject and found.part = due.part
    left join doubted on doubted.period = due.period and doubted.subject = due.subject and doubted.part = due.part
),

done as (
    select
        period,
        subject,
        case
            when count(*) filter (where not done) > 0 then false
            when count(*) filter (where done is null) = 0 then true
        end as done,
        max(day) as done_on,
        {{ evidence_agg(['source']) }} as evidence
    from part_done
    group by period, subject
)

select
    d.period,
    d.subject,
    d.area_code,
    d.duty as calendar__duty,
    d.occurrence as calendar__occurrence,
    d.department as calendar__department,
    d.due_day as calendar__due_day,
    d.due_day < cast(d.period || '-01' as date) + interval 1 month as calendar__is_due,
    {{ evidence_or_none('null') }} as calendar__evidence,
    done.done is not null as duty__known,
    done.done as duty__done,
    case when done.done then done.done_on end as duty__done_on,
    case when done.done then done.done_on <= d.due_day else done.done end as duty__in_time,
    {{ evidence_or_none('case when done.done then done.evidence end') }} as duty__evidence
from {{ source('build', 'duty_due') }} as d
inner join done on done.period = d.period and done.subject = d.subject
