-- Which figures may be published. Reads publish.finding, the temporary table sender and the candidate's build, policy, raw
-- and main schemas; writes publish.decision. Everything is settled in small tables first; figures are joined once, at the end.

create or replace temp macro month_zh(period) as
    substr(period, 1, 4) || '年' || cast(cast(substr(period, 6, 2) as integer) as varchar) || '月';

-- at most three months by name, then how many there are
create or replace temp macro months_zh(periods) as
    array_to_string(list_transform(periods[1:3], lambda p: month_zh(p)), '、')
    || case when len(periods) > 3 then '等' || len(periods) || '个月' else '' end;

-- at most four areas by name, then how many there are
create or replace temp macro areas_zh(names) as
    array_to_string(names[1:4], '、') || case when len(names) > 4 then '等' || len(names) || '个' else '' end;

create or replace temp table village as
select c.ancestor as area, a.code as village_code
from policy.area as a
inner join policy.area_closure as c on c.descendant = a.code
where a.is_lowest;

create or replace temp table root as
select code from policy.area where parent is null;

-- ---------------------------------------------------------------- what figures need
-- Figures that need the same wait for the same.
create or replace temp table need as
select
    n.indicator,
    d.breakdown,
    n.period,
    list_sort(list({'extract': n.extract, 'needed': n.needed_period})) as needs,
    dense_rank() over (order by needs) as needs_id
from build.needed as n
inner join build.dependency as d on d.indicator = n.indicator and d.extract = n.extract
group by n.indicator, d.breakdown, n.period;

create or replace temp table needed_once as
select distinct extract, needed_period as needed from build.needed;

-- ---------------------------------------------------------------- what stands in the way of an extract and month, by area
create or replace temp table finding_group as
select
    rule, extract, period, submission, severity, waived,
    case when area in (select code from policy.area) then area end as area,
    -- a bad row of nobody knows which village says nothing about each village
    severity = 'warning' and row is not null and area is null as root_only,
    count(*) as n,
    min_by(message, id) as sample,
    min(waived_because) as because,
    indicators
from publish.finding as f
where severity in ('error', 'warning')
    -- a refused row is said once, as a refused row
    and not exists (
        select 1 from build.quarantine as q where q.submission = f.submission and q.source % 100000000 = f.row
    )
    -- nor is one that a later file corrected
    and not exists (
        select 1 from build.superseded as s where s.submission = f.submission and s.source % 100000000 = f.row
    )
group by all;

-- The findings that are about data in effect: a later accepted submission settles those of an earlier one on its area. Those of
-- a refused file stand until one is accepted.
create or replace temp table live as
select f.*, c.period as needed, c.village_code
from finding_group as f
inner join village as v on v.area = coalesce(f.area, (select code from root))
inner join build.coverage as c
    on c.extract = f.extract
    and c.village_code = v.village_code
left join build.in_effect as e
    on e.extract = c.extract
    and e.period = c.period
    and e.submission = f.submission
    and e.area is not distinct from case when c.extract in (select o.extract from build.owing as o) then c.village_code end
where case
    when f.submission is null then f.period is null or f.period in (c.period, c.source_period)
    when f.period is null then e.submission is not null
    when f.submission in (select b.submission from build.binding as b) then f.period = c.source_period and e.submission is not null
    else f.period = c.source_period and f.submission >= c.submission
end;

create or replace temp table missing as
select n.extract, n.needed, a.code as village_code
from needed_once as n
cross join policy.area as a
where a.is_lowest
    and not exists (
        select 1 from build.coverage as c
        where c.extract = n.extract and c.period = n.needed and c.village_code = a.code
    );

-- Refused rows of submissions in effect, and the village that they are about as far as it can be read.
create or replace temp table refused_row as
with member as (
    select distinct p._period as period, p.person_id, p.hh_id
    from raw.person_register as p
    where p.person_id in (select q.person_id from build.quarantine as q)
),

home as (
    select distinct h._period as period, h.hh_id, h.village_code
    from raw.hh_register as h
    where h.hh_id in (select q.hh_id from build.quarantine as q) or h.hh_id in (select m.hh_id from member as m)
)

select
    q.extract,
    e.period as needed,
    q.source,
    b.area as sent_for,
    q.hh_id is null and q.person_id is null and q.village_code is null as anywhere,
    min(coalesce(q.village_code, home.village_code)) as village_code
from build.quarantine as q
inner join build.binding as b on b.submission = q.submission
inner join build.in_effect as e
    on e.extract = q.extract and e.submission = q.submission and e.area is not distinct from q.area
left join member on member.period = q.period and member.person_id = q.person_id
left join home on home.period = q.period and home.hh_id = coalesce(q.hh_id, member.hh_id)
group by q.extract, e.period, q.source, b.area, anywhere;

create or replace temp table obstacle as
with size as (
    select area, count(*) as villages from village group by area
),

sent_back as (
    select extract, period as needed, area, min_by(sample, submission) as sample
    from finding_group
    where severity = 'error' and submission is not null
    group by all
),

-- a file refused for a smaller area is that area's, one refused for the whole is everybody's
lacking as (
    select m.extract, m.needed, m.village_code, o.area as owing, o.name, coalesce(own.sample, whole.sample) as sample
    from missing as m
    left join build.owing as o on o.extract = m.extract and o.village_code = m.village_code
    left join sent_back as own on own.extract = m.extract and own.needed = m.needed and own.area = o.area
    left join sent_back as whole on whole.extract = m.extract and whole.needed = m.needed and whole.area is null
),

owed as (
    select o.extract, v.area, count(distinct o.area) as n
    from build.owing as o
    inner join village as v on v.village_code = o.village_code
    group by all
),

absent as (
    select
        l.extract, l.needed, v.area,
        case when l.sample is null then 'missing' else 'sent_back' end as kind,
        count(*) as villages,
        min(l.sample) as sample,
        count(distinct l.owing) as owing_n,
        list(distinct {'area': l.owing, 'name': l.name} order by {'area': l.owing, 'name': l.name}) filter (where l.owing is not null) as areas
    from lacking as l
    inner join village as v on v.village_code = l.village_code
    group by all
),

touched as (
    select distinct l.rule, l.extract, l.needed, l.submission, l.severity, l.waived, l.n, l.sample, l.because, v.area
    from live as l
    inner join village as v on v.village_code = l.village_code
    where not l.root_only or v.area = (select code from root)
),

refused as (
    select r.extract, r.needed, c.ancestor as area, r.source
    from refused_row as r
    inner join policy.area_closure as c on c.descendant = coalesce(r.village_code, (select code from root))
    where not r.anywhere
    union all
    select distinct r.extract, r.needed, unnest([c.ancestor, c.descendant]) as area, r.source
    from refused_row as r
    inner join policy.area_closure as c on r.sent_for in (c.ancestor, c.descendant)
    where r.anywhere
)

select
    absent.extract,
    absent.needed,
    absent.area,
    absent.kind,
    case when absent.villages < size.villages then absent.villages end as n,
    absent.sample,
    null as because,
    absent.areas,
    -- that all of several are missing is said by naming none
    case when absent.owing_n < owed.n or owed.n = 1 then list_transform(absent.areas, lambda a: a.name) end as names
from absent
inner join size on size.area = absent.area
left join owed on owed.extract = absent.extract and owed.area = absent.area
union all
select
    extract,
    needed,
    area,
    case when severity = 'warning' then if(waived, 'explained', 'warning') when waived then 'waived' else 'error' end as kind,
    sum(n) as n,
    min(sample) as sample,
    min(because) as because,
    null as areas,
    null as names
from touched
group by all
union all
select extract, needed, area, 'refused_rows' as kind, count(*) as n, null as sample, null as because, null as areas, null as names
from refused
group by all;

-- ---------------------------------------------------------------- in words
create or replace temp table saying as
with met as (
    select g.needs_id, o.*
    from (select needs_id, max(period) as period, unnest(min(needs)) as need from need group by needs_id) as g
    inner join obstacle as o on o.extract = g.need.extract and o.needed = g.need.needed
    -- a warning is said in its month, not in every later sum
    where o.kind not in ('warning', 'explained') or o.needed = g.period
),

gathered as (
    select
        needs_id, area, kind, extract,
        list(needed order by needed) as months,
        list({'period': needed, 'areas': areas} order by needed) as waits,
        -- one month in which all are missing outweighs those in which some are
        case when count(names) = count(*) then list_sort(list_distinct(flatten(list(names)))) end as names,
        max(needed) as latest,
        -- villages are the same ones every month; an absence of the whole area (NULL) outweighs one of some villages
        case when kind not in ('missing', 'sent_back') then sum(n) when count(n) = count(*) then max(n) end as n,
        min_by(sample, needed) as sample,
        min_by(because, needed) as because
    from met
    group by needs_id, area, kind, extract
),

worded as (
    select
        g.*,
        s.department,
        s.department_name || '《' || s.title || '》' || months_zh(g.months)
        || case g.kind
            when 'missing' then '没有收到' || coalesce('（' || areas_zh(g.names) || '）', '（涉及' || g.n || '个村）', '')
            when 'sent_back'
                then '报来后被退回、尚未重报' || coalesce('（' || areas_zh(g.names) || '）', '（涉及' || g.n || '个村）', '') || '：' || rtrim(g.sample, '。')
            when 'error' then '有' || g.n || '处问题未解决：' || rtrim(g.sample, '。')
            when 'waived' then '有' || g.n || '处问题已豁免（' || g.because || '）：' || rtrim(g.sample, '。')
            when 'explained' then '有' || g.n || '处提示已说明（' || g.because || '）：' || rtrim(g.sample, '。')
            when 'warning' then '有' || g.n || '处提示：' || rtrim(g.sample, '。')
            when 'refused_rows' then '有' || g.n || '行被退回、没有计入'
        end as words
    from gathered as g
    inner join sender as s on s.extract = g.extract and s.period = g.latest
)

select
    needs_id,
    area,
    string_agg(words, '；' order by kind desc, extract) filter (where kind in ('missing', 'sent_back', 'error')) as reason,
    string_agg(words, '；' order by extract) filter (where kind = 'refused_rows') as gap,
    string_agg(words, '；' order by kind, extract) filter (where kind in ('waived', 'explained', 'warning')) as note,
    flatten(list(
        list_transform(waits, lambda w: {
            'extract': extract, 'department': department, 'period': w.period, 'areas': coalesce(w.areas, []),
            'why': case kind when 'missing' then '没有收到' when 'sent_back' then '已退回、尚未重报' else '问题未解决' end
        }) order by extract, kind
    ) filter (where kind in ('missing', 'sent_back', 'error'))) as waits_for
from worded
group by needs_id, area;

-- Findings over figures: those that name indicators (and what is derived from them), and those of models that name nothing.
create or replace temp table named_saying as
with spread as (
    select f.*, unnest(f.indicators) as indicator from finding_group as f where len(f.indicators) > 0
    union all
    select f.*, i.indicator
    from finding_group as f
    cross join (select distinct indicator from build.dependency) as i
    where len(f.indicators) = 0 and f.extract is null and f.submission is null
),

hit as (
    select s.*, s.indicator as hit_indicator from spread as s
    union all
    select s.*, d.indicator as hit_indicator
    from spread as s
    inner join (
        select distinct indicator, numerator_indicator as operand from build.derived
        union
        select distinct indicator, denominator_indicator as operand from build.derived
        union
        select distinct indicator, less_numerator_indicator as operand from build.derived
        union
        select distinct indicator, less_denominator_indicator as operand from build.derived
    ) as d on d.operand = s.indicator
),

touched as (
    select distinct h.hit_indicator as indicator, h.rule, h.period, h.severity, h.waived, h.n, h.sample, h.because, up.area
    from hit as h
    inner join village as down on down.area = coalesce(h.area, (select code from root))
    inner join village as up on up.village_code = down.village_code
)

select
    t.indicator,
    p.period,
    t.area,
    string_agg('检查未通过：' || rtrim(t.sample, '。'), '；' order by t.rule, t.sample) filter (where severity = 'error' and not waived) as reason,
    string_agg(
        case when t.waived then '检查未通过、已豁免（' || t.because || '）：' else '提示：' end || rtrim(t.sample, '。'), '；' order by t.rule, t.sample
    ) filter (where severity = 'warning' or waived) as note
from touched as t
inner join (select distinct period from main.fct_figures) as p on t.period is null or t.period = p.period
group by t.indicator, p.period, t.area;

-- A figure whose definition names a setting that nobody has set has no answer.
create or replace temp table unset_saying as
select
    period, indicator, breakdown,
    '没有设定待定参数：' || string_agg(concat(setting, '（' || nullif(title, '') || '）'), '、' order by setting) as reason
from build.unset
group by period, indicator, breakdown;

-- ---------------------------------------------------------------- every figure
create or replace table publish.decision as
with judged as (
    select
        f.period,
        f.indicator,
        f.breakdown,
        f.area,
        nullif(concat_ws('；', u.reason, s.reason, x.reason), '') as reason,
        -- a sum that leaves something out is a lower bound; a share is not
        case when f.denominator is null then '至少：' else '按已知的计算：' end
        || nullif(concat_ws('；', case when f.unknown > 0 then '另有' || f.unknown || '个统计对象情况不明' end, s.gap), '') as gap,
        concat_ws('；', s.note, x.note) as note,
        s.waits_for
    from main.fct_figures as f
    left join need as n on n.indicator = f.indicator and n.breakdown = f.breakdown and n.period = f.period
    left join saying as s on s.needs_id = n.needs_id and s.area = f.area
    left join named_saying as x on x.indicator = f.indicator and x.period = f.period and x.area = f.area
    left join unset_saying as u on u.period = f.period and u.indicator = f.indicator and u.breakdown = f.breakdown
)

select
    period,
    indicator,
    breakdown,
    area,
    case when reason is null then 'publish' else 'withhold' end as decision,
    case when reason is null then nullif(concat_ws('；', gap, nullif(note, '')), '') end as note,
    reason,
    case when reason is null then '[]' else cast(to_json(coalesce(waits_for, [])) as varchar) end as waits_for
from judged
order by period, indicator, area, breakdown;
