"""Binding: which submissions a build sees, and the tables that tell dbt so.

A build never looks for files. It sees the accepted submissions received by ``as_of`` that nothing later replaced, through views
over exactly those files; the list of them is the manifest's list of inputs. Of an extract and month the last file to speak for a
village is the one that counts there, whether it came from the village, its township or the county; an extract corrected by key
keeps the rows of the earlier ones whose keys no later one has.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pipelines.indicators import Catalogue
from pipelines.intake.check import KEY_SEPARATOR
from pipelines.intake.contract import Contract
from pipelines.intake.ledger import Ledger, Proposal, Submission, Verdict
from pipelines.intake.receive import raw_file
from pipelines.periods import WINDOWS, shift, span
from pipelines.periods import months as month_span
from pipelines.policy import Pack, shipped_settings
from pipelines.settings import Settings
from pipelines.sql import literal, literals
from pipelines.warehouse.duties import duties
from pipelines.warehouse.naming import links, named_rows

RAW_KEYS = (("_source", "BIGINT"), ("_submission", "INTEGER"), ("_period", "VARCHAR"), ("_quarantined", "VARCHAR[]"))
AREA = (
    "_area",
    "VARCHAR",
)  # the lowest area that a row names, where extracts are owed by areas smaller than the county


def bound_submissions(
    ledger: Ledger,
    pack: Pack,
    contracts: Mapping[str, Contract],
    through: str,
    as_of: str,
    without: Collection[str] = (),
) -> list[Submission]:
    """The accepted submissions for periods up to ``through`` received by ``as_of``, by number, but for those that a later one of the
    same extract and period replaces: one for the same area or one around it.

    An extract corrected by key keeps them all. ``without`` leaves extracts out: the knock-out proof binds each in turn empty.
    """
    parents = {a.code: a.parent for a in pack.areas}

    def within(area: str, outer: str) -> bool:
        return area == outer or (bool(parents.get(area)) and within(parents[area], outer))

    standing: dict[tuple[str, str], list[Submission]] = {}
    for s in _as_received(ledger.submissions(state="accepted")):
        extract = str(s.extract)
        if s.received_at <= as_of and s.period <= through and extract in contracts and extract not in without:
            before = standing.get((extract, s.period), [])
            if contracts[extract].corrected_by == "whole":
                before = [b for b in before if not within(b.area, s.area)]
            standing[extract, s.period] = [*before, s]
    return sorted((s for bound in standing.values() for s in bound), key=lambda s: s.number)


def _as_received(submissions: Iterable[Submission]) -> list[Submission]:
    return sorted(submissions, key=lambda s: (s.received_at, s.number))


def prepare(
    settings: Settings,
    pack: Pack,
    contracts: dict[str, Contract],
    catalogue: Catalogue,
    months: Sequence[str],
    as_of: str,
    without: Collection[str] = (),
) -> list[Submission]:
    """Make a new candidate file with the schemas ``raw``, ``build`` and ``policy`` for the months to build.

    ``as_of`` is an ISO time in UTC. Returns the bound submissions. Raises IndicatorError when the pack names a measure,
    indicator or code map that does not exist.
    """
    catalogue.check(pack)
    settings.build.mkdir(parents=True, exist_ok=True)
    for stale in (settings.candidate, settings.candidate.with_name(settings.candidate.name + ".wal")):
        stale.unlink(missing_ok=True)
    with Ledger(settings.ledger) as ledger:
        bound = bound_submissions(ledger, pack, contracts, months[-1], as_of, without)
        accepted = ledger.accepted(months[-1], as_of)
    with duckdb.connect(str(settings.candidate)) as con:
        for schema in ("raw", "build", "policy", "publish"):
            con.execute(f"create schema {schema}")
        _policy(con, pack, months[-1])
        _binding(con, settings, contracts, pack, bound, accepted, months, as_of)
        _definitions(con, pack, contracts, catalogue, months)
        _settings(con, pack, catalogue, months, bound)
    return bound


def _table(con: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
    """A table from rows of plain values, read from one text of JSON (as SQL values they take seven times as long to parse)."""
    con.execute(f"create table {name} ({columns})")
    listed = list(rows)
    if listed:
        cells = ", ".join(f"cells[{i + 1}]" for i in range(len(listed[0])))
        text = literal(json.dumps(listed, ensure_ascii=False, default=str))
        con.execute(
            f"insert into {name} select {cells} from (select unnest(from_json({text}, '[[\"VARCHAR\"]]')) as cells)"
        )


def _policy(con: duckdb.DuckDBPyConnection, pack: Pack, last_month: str) -> None:
    parent = {a.code: a.parent for a in pack.areas}
    parents = set(parent.values())
    _table(
        con,
        "policy.area",
        "code VARCHAR, name VARCHAR, level VARCHAR, parent VARCHAR, is_lowest BOOLEAN",
        [(a.code, a.name, a.level, a.parent or None, a.code not in parents) for a in pack.areas],
    )
    closure = []
    for code in parent:
        above: str | None = code
        depth = 0
        while above:
            closure.append((above, code, depth))
            above, depth = parent[above], depth + 1
    _table(con, "policy.area_closure", "ancestor VARCHAR, descendant VARCHAR, depth INTEGER", closure)
    codes = [(m, c, i, code) for m, cs in pack.codes.items() for i, (c, code) in enumerate(cs.items())]
    _table(
        con,
        "policy.code",
        "map VARCHAR, code VARCHAR, ord INTEGER, zh VARCHAR, en VARCHAR",
        [(m, c, i, code.zh[0], code.en) for m, c, i, code in codes],
    )
    _table(
        con,
        "policy.code_group",
        "map VARCHAR, code VARCHAR, member_of VARCHAR",
        [(m, c, group) for m, c, _, code in codes for group in code.groups],
    )
    first = date(int(pack.plan.from_[:4]) - 1, 1, 1)
    _table(
        con,
        "policy.day",
        "day DATE, is_working BOOLEAN, working_days BIGINT",
        pack.working_days.counted(first, date(int(last_month[:4]) + 1, 12, 31)),
    )
    _table(con, "policy.plan", "plan_from VARCHAR, plan_to VARCHAR", [(pack.plan.from_, pack.plan.to)])
    rules = {(r.rule, r.effective_from): r for r in pack.rules}.values()
    _table(
        con,
        "policy.rule",
        "rule VARCHAR, measure VARCHAR, measure_window VARCHAR, comparator VARCHAR, threshold DECIMAL(18,4),"
        " first_period VARCHAR, last_period VARCHAR",
        [
            (
                r.rule,
                r.measure,
                r.window,
                r.comparator,
                r.threshold,
                r.effective_from.isoformat()[:7],
                _last_period(r, pack),
            )
            for r in rules
        ],
    )
    kinds = list(pack.codes["hh_type"])
    _table(
        con,
        "policy.rule_hh_type",
        "rule VARCHAR, hh_type VARCHAR",
        {(r.rule, kind) for r in rules for kind in (kinds if r.applies_to == "all" else [r.applies_to])},
    )


def _last_period(rule: Any, pack: Pack) -> str:
    """The last month that a version of a rule answers for: a later version that begins within a month takes that month."""
    later = [r.effective_from for r in pack.rules if r.rule == rule.rule and r.effective_from > rule.effective_from]
    end = rule.effective_to.isoformat()[:7] if rule.effective_to else "9999-12"
    return min([end, *(shift(day.isoformat()[:7], -1) for day in later)])


def _binding(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    contracts: dict[str, Contract],
    pack: Pack,
    bound: list[Submission],
    accepted: Sequence[tuple[Proposal, Verdict]],
    months: Sequence[str],
    as_of: str,
) -> None:
    _table(
        con,
        "build.binding",
        "submission INTEGER, extract VARCHAR, department VARCHAR, period VARCHAR, area VARCHAR, revision INTEGER, file VARCHAR,"
        " sha256 VARCHAR, suffix VARCHAR, received_at VARCHAR, sheets VARCHAR, headers VARCHAR",
        [
            (
                *(
                    s.number,
                    s.extract,
                    s.department,
                    s.period,
                    s.area,
                    s.revision,
                    s.file,
                    s.sha256,
                    s.suffix,
                    s.received_at,
                ),
                *(json.dumps(words, ensure_ascii=False) for words in (s.sheets, s.headers)),
            )
            for s in bound
        ],
    )
    _table(con, "build.run", "as_of VARCHAR, policy VARCHAR, policy_sha256 VARCHAR", [(as_of, pack.name, pack.sha256)])
    _table(con, "build.period", "period VARCHAR", [(m,) for m in months])
    con.execute("create table build.superseded (submission INTEGER, source BIGINT)")
    for extract, contract in contracts.items():
        _raw(con, settings, contract, [s for s in bound if s.extract == extract])
    links(con, contracts, accepted)
    first = min([b.period for b in bound] + [months[0]])
    _table(
        con,
        "build.spoken",
        "extract VARCHAR, period VARCHAR, source_period VARCHAR, area VARCHAR, submission INTEGER, received INTEGER",
        [
            (s.extract, shift(s.period, ahead), s.period, s.area, s.number, received)
            for received, s in enumerate(_as_received(bound))
            for ahead in range(contracts[str(s.extract)].stays_known_months)
        ],
    )
    last = literal(months[-1])
    con.execute(
        f"""
        create table build.coverage as
        with said as (
            select *, row_number() over (order by source_period, received) as turn
            from build.spoken
            where period <= {last}
        )
        select s.extract, s.period, c.descendant as village_code, max(s.source_period) as source_period,
            arg_max(s.submission, s.turn) as submission
        from said as s
        join policy.area_closure as c on c.ancestor = s.area
        join policy.area as a on a.code = c.descendant and a.is_lowest
        group by all
        """
    )
    by_key = literals(x for x, contract in contracts.items() if contract.corrected_by == "key")
    by_place = literals(x for x, contract in contracts.items() if contract.places)
    con.execute(
        f"""
        create table build.in_effect as
        with speaking as (
            select extract, period, village_code, submission from build.coverage
            union all
            select c.extract, c.period, c.village_code, s.submission
            from build.coverage as c
            join build.spoken as s on s.extract = c.extract and s.period = c.period and s.source_period = c.source_period
            join policy.area_closure as a on a.ancestor = s.area and a.descendant = c.village_code
            where list_contains([{by_key}]::varchar[], c.extract)
        )
        select distinct extract, period, submission, cast(null as varchar) as area from speaking
        union all
        select distinct s.extract, s.period, s.submission, a.ancestor as area
        from speaking as s join policy.area_closure as a on a.descendant = s.village_code
        where list_contains([{by_place}]::varchar[], s.extract)
        """
    )
    _table(
        con,
        "build.owing_level",
        "extract VARCHAR, level VARCHAR",
        [(x, c.covers) for x, c in contracts.items() if c.places],
    )
    con.execute(
        """
        create table build.owing as
        select l.extract, a.descendant as village_code, max(o.code) as area, max(o.name) as name
        from build.owing_level as l
        cross join policy.area_closure as a
        join policy.area as o on o.code = a.ancestor and o.level = l.level
        join policy.area as v on v.code = a.descendant and v.is_lowest
        group by all
        """
    )
    named_rows(con, contracts)
    duties(con, pack, contracts, months)
    grid = []
    for extract, contract in contracts.items():
        for month in month_span(f"{min(first, pack.plan.from_)}:{months[-1]}"):
            counts = month >= pack.plan.from_ and contract.owed(month)
            grid.append((extract, month, counts))
    _table(con, "build.extract_month", "extract VARCHAR, period VARCHAR, counts BOOLEAN", grid)
    con.execute(
        """
        create table build.plan_coverage as
        with gap as (
            select x.extract, a.code as village_code, min(x.period) as period
            from build.extract_month as x
            join policy.area as a on a.is_lowest
            anti join build.coverage as c on c.extract = x.extract and c.village_code = a.code and c.period = x.period
            where x.counts
            group by all
        )
        select x.extract, x.period, a.code as village_code
        from build.extract_month as x
        join policy.area as a on a.is_lowest
        left join gap on gap.extract = x.extract and gap.village_code = a.code
        where gap.period is null or x.period < gap.period
        """
    )
    refused = _quarantines(settings, bound)
    con.execute(
        """
        create table build.quarantine (
            extract VARCHAR, period VARCHAR, submission INTEGER, source BIGINT, hh_id VARCHAR, person_id VARCHAR, village_code VARCHAR,
            person_name VARCHAR, area VARCHAR
        )
        """
    )
    if refused:
        con.execute(
            f"""
            insert into build.quarantine
            select b.extract, b.period, b.submission, q._source, q.hh_id, q.person_id, q.village_code, q.person_name, q._area
            from read_parquet([{literals(refused)}]) as q
            join build.binding as b on b.submission = q._submission
            anti join build.superseded as s on s.source = q._source
            order by q._source
            """
        )


def _quarantines(settings: Settings, bound: Iterable[Submission]) -> list[Path]:
    return [raw_file(settings, s, quarantine=True) for s in bound if s.rows_quarantined]


def _raw(con: duckdb.DuckDBPyConnection, settings: Settings, contract: Contract, bound: list[Submission]) -> None:
    """The view of an extract's rows, without those that later ones of the same key replaced; these go to ``build.superseded``.

    An accepted row replaces every earlier one of its month and key, a refused row the earlier refused ones. A column that the
    contract gained after the first file was taken in is unknown in the rows of those that lack it.
    """
    view = f"create view raw.{contract.extract} as select"
    kinds = [*contract.schema(), *RAW_KEYS]
    if not bound:
        con.execute(f"{view} {_nothing([*kinds, AREA])} where false")
        return
    paths = literals(raw_file(settings, s) for s in bound)
    files = f"read_parquet([{paths}])"
    first = raw_file(settings, min(bound, key=lambda s: s.number))
    there = con.execute(f"select name from parquet_schema({literal(first)})").fetchall()
    if {name for name, _ in kinds} - {name for (name,) in there}:
        by_name = (
            f"from read_parquet([{paths}], union_by_name = true) union all by name select {_nothing(kinds)} where false"
        )
        files = f"({by_name})"
    places = ", ".join([*contract.places, "cast(null as varchar)"])
    names = ", ".join([*(f'"{name}"' for name, _ in kinds), f"coalesce({places}) as _area"])
    if contract.corrected_by != "key" or len({s.period for s in bound}) == len(bound):
        con.execute(f"{view} {names} from {files}")
        return
    key = f"concat_ws({literal(KEY_SEPARATOR)}, {', '.join(f'{k}::varchar' for k in contract.key)})"
    rows = f"select _period, _submission, _source, {key} as key, true as accepted from {files}"
    if refused := _quarantines(settings, bound):
        rows += (
            " union all select _period, _submission, _source, _key, false"
            f" from read_parquet([{literals(refused)}]) where _key is not null"
        )
    con.execute(
        f"""
        insert into build.superseded
        select _submission, _source
        from ({rows})
        join (
            select submission as _submission, row_number() over (order by received_at, submission) as turn from build.binding
        ) using (_submission)
        window same as (partition by _period, key)
        qualify turn < max(turn) filter (where accepted) over same
            or (not accepted and turn < max(turn) over same)
        order by _source
        """
    )
    con.execute(f"{view} {names} from {files} as r anti join build.superseded as s on s.source = r._source")


def _nothing(columns: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in columns)


def _settings(
    con: duckdb.DuckDBPyConnection,
    pack: Pack,
    catalogue: Catalogue,
    months: Sequence[str],
    bound: Sequence[Submission],
) -> None:
    """What the pack sets in every month that a row may speak of, a column per setting that expressions name; NULL where unset.

    ``build.unset`` lists the figures of each month to which an unset setting leaves no answer.
    """
    first = min([s.period for s in bound] + [months[0], pack.plan.from_])
    columns = {name: _kind(pack, name, listed) for name, listed in catalogue.settings.items()}
    con.execute(
        f"create table build.setting ({', '.join(['period VARCHAR', *(f'{n} {k}' for n, k in columns.items())])})"
    )
    rows = [
        ", ".join([literal(month), *(_setting_literal(pack, name, month) for name in columns)])
        for month in month_span(f"{first}:{months[-1]}")
    ]
    con.execute(f"insert into build.setting values {', '.join(f'({row})' for row in rows)}")
    unset = [
        (month, cell.indicator, cell.breakdown, name, _title(pack, name))
        for month in months
        for cell in catalogue.cells(pack, month)
        for name in catalogue.settings_of(cell, pack, month)
        if pack.in_force(name, month) is None
    ]
    _table(
        con,
        "build.unset",
        "period VARCHAR, indicator VARCHAR, breakdown VARCHAR, setting VARCHAR, title VARCHAR",
        unset,
    )


def _kind(pack: Pack, name: str, listed: bool) -> str:
    """The SQL type of a setting: by how it is used, by its values, else (unset) by whether it has a unit."""
    if listed:
        return "VARCHAR[]"
    setting = pack.settings.get(name)
    if setting and any(isinstance(v.value, bool) for v in setting.values):
        return "BOOLEAN"
    return "DECIMAL(18, 4)" if (setting.unit if setting else shipped_settings()[name]) else "VARCHAR"


def _setting_literal(pack: Pack, name: str, month: str) -> str:
    value = pack.in_force(name, month)
    if isinstance(value, tuple):
        return f"[{literals(value)}]"
    assert not isinstance(value, dict)  # Catalogue.check refuses it
    return literal(value)


def _title(pack: Pack, name: str) -> str:
    return pack.settings[name].title.zh if name in pack.settings else ""


def _definitions(
    con: duckdb.DuckDBPyConnection,
    pack: Pack,
    contracts: dict[str, Contract],
    catalogue: Catalogue,
    months: Sequence[str],
) -> None:
    _table(
        con,
        "build.indicator",
        "indicator VARCHAR, topic VARCHAR, time_window VARCHAR",
        [(code, topic, catalogue.window(code)) for code, topic in catalogue.topic.items()],
    )
    _table(
        con,
        "build.window_start",
        "period VARCHAR, time_window VARCHAR, since VARCHAR, until VARCHAR",
        [(month, window, *span(window, month, pack.plan.from_)) for month in months for window in WINDOWS],
    )
    before = [(month, shift(month, -1)) for month in months]
    _table(con, "build.month_before", "period VARCHAR, before_period VARCHAR", before)
    con.execute(
        "create view build.adjoining_period as select period from build.period"
        " union select before_period from build.month_before"
    )
    con.execute(
        "create view build.compared_period as select period from build.period"
        " union select since from build.window_start where time_window = 'year_ago'"
    )
    received = set(con.execute("select distinct extract, period from build.coverage").fetchall())
    frame: list[tuple[Any, ...]] = []
    dependency: set[tuple[str, str, str]] = set()
    needed: set[tuple[str, str, str, str]] = set()
    derived: set[tuple[Any, ...]] = set()
    of_the_pack: set[tuple[str, str]] = set()
    for month in months:
        silent = {extract for extract in _not_owed(contracts, month) if (extract, month) not in received}
        for cell in catalogue.cells(pack, month):
            waits = catalogue.waits_for(cell, pack, month)
            if not waits and not catalogue.of_the_pack(cell):  # no duty of its calendar says what shows it done
                continue
            if not waits:
                of_the_pack.add((cell.indicator, cell.breakdown))
            if any(window in ("month", "year_ago") and extract in silent for extract, window in waits.items()):
                continue
            operands = catalogue.operands(cell)
            frame.append((month, cell.indicator, cell.breakdown, operands is not None, _root_only(catalogue, cell)))
            for extract, window in waits.items():
                dependency.add((cell.indicator, cell.breakdown, extract))
                start, _ = span(window, month, pack.plan.from_)
                if window in ("month", "year_ago"):  # a year ago is there to be compared with: both months
                    needed.update((cell.indicator, month, extract, m) for m in {start, month})
                    continue
                owed = [m for m in month_span(f"{min(start, month)}:{month}") if contracts[extract].owed(m)]
                needed.update((cell.indicator, month, extract, m) for m in owed if m >= start)
            if operands:
                rule = catalogue.indicators[cell.indicator].derived
                assert rule is not None
                names = [name for operand in operands for name in (operand.indicator, operand.breakdown)]
                derived.add(
                    (
                        cell.indicator,
                        cell.breakdown,
                        *(names if rule.less else [*names, "", "", "", ""]),
                        rule.scale * 10**rule.decimals,
                        10 ** (4 - rule.decimals),
                        rule.growth,
                    )
                )
    _table(
        con,
        "build.every_figure",
        "period VARCHAR, indicator VARCHAR, breakdown VARCHAR, is_derived BOOLEAN, root_only BOOLEAN",
        frame,
    )
    con.execute("create view build.frame as select * from build.every_figure where not is_derived")
    _table(con, "build.of_the_pack", "indicator VARCHAR, breakdown VARCHAR", sorted(of_the_pack))
    _table(con, "build.dependency", "indicator VARCHAR, breakdown VARCHAR, extract VARCHAR", sorted(dependency))
    _table(
        con,
        "build.needed",
        "indicator VARCHAR, period VARCHAR, extract VARCHAR, needed_period VARCHAR",
        sorted(needed),
    )
    _table(
        con,
        "build.derived",
        "indicator VARCHAR, breakdown VARCHAR, numerator_indicator VARCHAR, numerator_breakdown VARCHAR,"
        " denominator_indicator VARCHAR, denominator_breakdown VARCHAR, less_numerator_indicator VARCHAR,"
        " less_numerator_breakdown VARCHAR, less_denominator_indicator VARCHAR, less_denominator_breakdown VARCHAR,"
        " scale_units BIGINT, rest_units BIGINT,"
        " is_growth BOOLEAN",
        sorted(derived),
    )


def _root_only(catalogue: Catalogue, cell: Any) -> bool:
    return any(catalogue.indicators[c.indicator].root_only for c in (catalogue.operands(cell) or (cell,)))


def _not_owed(contracts: dict[str, Contract], month: str) -> set[str]:
    """The extracts without which a month has no figure of its own, rather than a withheld one: what comes when there is one,
    and events that are told for other months only.
    """
    return {
        extract
        for extract, contract in contracts.items()
        if contract.kind == "occasional" or (contract.kind == "events" and not contract.owed(month))
    }
