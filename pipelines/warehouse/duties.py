"""What is due by the pack's calendar, and which rows show it done: the tables and views that dbt compares.

Which rows those are is data of the calendar; what follows from them (done, not done, unknown) is for the models to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import duckdb

from pipelines.intake.contract import Contract
from pipelines.periods import first_day, last_day, shift
from pipelines.policy import Evidence, Pack
from pipelines.policy.pack import squeeze
from pipelines.sql import literal, literals

AHEAD = 12  # months: what is due further ahead is not asked for yet


def duties(
    con: duckdb.DuckDBPyConnection, pack: Pack, contracts: Mapping[str, Contract], months: Sequence[str]
) -> None:
    """Make ``build.duty_due``, ``build.duty_part`` and the view ``build.duty_row``. Needs ``raw`` and ``build.in_effect``.

    ``duty_due``: what may be done by somebody for an occurrence in a month to build. ``duty_part``: each evidence of a duty.
    ``duty_row``: the rows that are evidence (``sure``), or might be where a cell was refused.
    """
    con.execute(
        "create table build.duty_due (period VARCHAR, subject VARCHAR, duty VARCHAR, occurrence VARCHAR, department VARCHAR,"
        " area_code VARCHAR, by_area BOOLEAN, first_day DATE, last_day DATE, due_day DATE, first_period VARCHAR)"
    )
    due = [row for month in months for row in _due(pack, month)]
    if due:
        rows = ", ".join(f"({literals(row)})" for row in due)
        con.execute(f"insert into build.duty_due select * from (values {rows})")
    parts = [(duty.duty, n, part) for duty in pack.duties for n, part in enumerate(duty.evidence)]
    con.execute(
        "create table build.duty_part (duty VARCHAR, part INTEGER, extract VARCHAR, any_department BOOLEAN, absent_is_no BOOLEAN)"
    )
    for duty, n, part in parts:
        given = (
            duty,
            n,
            part.extract,
            part.by is None,
            part.absent == "not_done" and contracts[part.extract].silence == "zero",
        )
        con.execute(f"insert into build.duty_part values ({literals(given)})")
    con.execute("create table build.department_name (name VARCHAR, department VARCHAR)")
    names = {
        (squeeze(name), d) for d, ns in pack.departments.items() for item in ns for name in (item.name, *item.aliases)
    }
    con.execute(f"insert into build.department_name values {', '.join(f'({literals(n)})' for n in sorted(names))}")
    views = [_rows(duty, n, part, contracts[part.extract]) for duty, n, part in parts]
    nothing = (
        "select null::varchar as duty, null::integer as part, null::varchar as period, null::bigint as source, null::date as day,"
        " null::varchar as department, null::varchar as area_code, null::boolean as sure where false"
    )
    con.execute(f"create view build.duty_row as {' union all '.join(views) or nothing}")


def _due(pack: Pack, month: str) -> Iterator[tuple[str | bool, ...]]:
    evidenced = {duty.duty for duty in pack.evidenced(month)}
    last = last_day(month)
    for due in pack.duties_due(first_day(month), last_day(shift(month, AHEAD))):
        if due.duty not in evidenced or due.first > last:
            continue
        days = [day.isoformat() for day in (due.first, min(due.last, last), due.date)]
        for department in due.owes:
            level = pack.departments[department][-1].level
            for area in [a.code for a in pack.areas if a.level == level] if level else [pack.area]:
                subject = "/".join((due.duty, due.period, department, area))
                yield (month, subject, due.duty, due.period, department, area, bool(level), *days, days[0][:7])


def _rows(duty: str, n: int, part: Evidence, contract: Contract) -> str:
    """The rows of one evidence in each month in effect: day, department and area that they name."""
    kinds = {c.name: c.type for c in contract.columns}
    asked = " and ".join(_is(column, wanted) for column, wanted in part.where.items()) or "true"
    places = [c for c in ("village_code", "township_code") if c in kinds]
    day = "cast(r._period || '-01' as date)"
    if part.day:
        day = f"cast(r.{part.day} || '-01' as date)" if kinds[part.day] == "month" else f"r.{part.day}"
    who = f"regexp_replace(r.{part.by}, '\\s', '', 'g')" if part.by else "null"
    area = f"coalesce({', '.join([*(f'r.{c}' for c in places), 'null'])})::varchar"
    whose = f"d.department is null and {area} is null" if part.by else f"{area} is null and {_refused(places)}"
    return f"""
        select {literal(duty)} as duty, {n} as part, e.period, r._source as source, {day} as day, d.department,
            {area} as area_code, coalesce(({asked}) and {day} is not null and not ({whose}), false) as sure
        from raw.{part.extract} as r
        join build.in_effect as e on e.extract = {literal(part.extract)} and e.submission = r._submission
            and e.area is not distinct from r._area
        left join build.department_name as d on d.name = {who}
        where ({asked}) and ({day} is not null or {_refused([part.day])}) or ({asked}) is null and {_refused(part.where)}
    """


def _refused(columns: Iterable[str | None]) -> str:
    """Whether one of these cells was refused: what it said is unknown, not absent."""
    return f"list_has_any(r._quarantined, [{literals(c for c in columns if c)}]::varchar[])"


def _is(column: str, wanted: bool | str | tuple[str, ...]) -> str:
    if wanted == "any":
        return f"r.{column} is not null"
    if isinstance(wanted, bool):
        return f"r.{column} = {literal(wanted)}"
    return f"r.{column} in ({literals((wanted,) if isinstance(wanted, str) else wanted)})"
