"""Sealing: what the gate decided, written once, with all that its traces need. No decision is taken here."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

import duckdb

from pipelines.indicators import Catalogue, Indicator
from pipelines.intake.address import unpack
from pipelines.intake.contract import Contract, load_contracts
from pipelines.periods import span
from pipelines.policy import Pack
from pipelines.release.read import Release, list_releases
from pipelines.settings import Settings
from pipelines.sql import literal, literals
from pipelines.targets import FIGURE_COLUMNS, History, Row
from pipelines.warehouse import compiled_models

IDENTITY = "main.int_identity"  # read by fangpin identity, feeds no figure
SETTINGS = "build.setting"
TABLE = re.compile(r'"warehouse"\."(\w+)"\."(\w+)"')
FIGURES = """
    select
        concat_ws('/', {period}, 'r{revision}', f.indicator, f.area, nullif(f.breakdown, '')) as id,
        f.indicator, f.area, a.name as area_name, f.period, f.breakdown,
        case when d.decision = 'publish' then f.value end as value,
        case when d.decision = 'publish' then f.numerator end as numerator,
        case when d.decision = 'publish' then f.denominator end as denominator,
        f.unknown,
        case when d.decision = 'publish' then 'published' else 'withheld' end as status,
        d.note, d.reason, d.waits_for
    from main.fct_figures as f
    join publish.decision as d using (period, indicator, area, breakdown)
    join policy.area as a on a.code = f.area
    where f.period = {period}
"""
CHANGES = """
    select
        indicator, area, coalesce(n.area_name, o.area_name) as area_name, breakdown,
        o.id as old_id, n.id as new_id, o.value as old_value, n.value as new_value, o.status as old_status, n.status as new_status,
        coalesce((
            select to_json(list({{'submission': c.submission, 'extract': c.extract, 'file': c.file}} order by c.submission))
            from changed_input as c
            where c.extract in (
                select extract from build.dependency as w where w.indicator = n.indicator and w.breakdown = n.breakdown
            )
        ), '[]') as submissions
    from figure as n
    full join read_parquet({old}) as o using (indicator, area, breakdown)
    where (n.value, n.numerator, n.denominator, n.unknown, n.status)
        is distinct from (o.value, o.numerator, o.denominator, o.unknown, o.status)
    order by indicator, area, breakdown
"""


@dataclass(frozen=True)
class Sealed:
    """What became of one period: a new release, or the standing one because no figure changed."""

    release: Release
    is_new: bool
    figures: int
    withheld: int
    changed: int


def seal(
    settings: Settings,
    pack: Pack,
    catalogue: Catalogue,
    con: duckdb.DuckDBPyConnection,
    periods: Sequence[str],
    as_of: str,
) -> list[Sealed]:
    """Seal a release of each period from the candidate open on ``con``, where a figure differs from the latest release.

    Needs ``main.fct_figures`` and the gate's ``publish.decision`` and ``publish.finding``. A release is written beside its
    place and moved there whole, so that nobody ever sees half of one. Nothing in it depends on the clock: ``as_of`` is handed in.
    """
    latest = {r.period: r for r in list_releases(settings)}
    history: History | None = None
    views = {m.name: m for m in compiled_models(settings) if m.materialized == "view"}
    contracts, deadline, columns = load_contracts(), cache(pack.deadline), cache(partial(_columns, con))
    sealed = []
    for period in sorted(periods):
        before = latest.get(period)
        release = Release(period, before.revision + 1 if before else 1, settings.releases / period)
        release = Release(period, release.revision, settings.releases / period / f"r{release.revision}")
        con.execute(
            f"create or replace temp table figure as {FIGURES.format(period=literal(period), revision=release.revision)}"
            " order by indicator, area, breakdown"
        )
        figures, withheld = _row(con, "select count(*), count(*) filter (where status = 'withheld') from figure")
        changed = _changes(con, release, before)
        if before and not changed:
            sealed.append(Sealed(before, False, figures, withheld, 0))
            continue
        draft = release.path.with_name(f".{release.path.name}")
        shutil.rmtree(draft, ignore_errors=True)
        (draft / "tables").mkdir(parents=True)
        (draft / "views").mkdir()
        _copy(con, "from figure", draft / "figures.parquet")
        if before:
            _copy(con, "from change", draft / "changes.parquet")
        _copy(
            con,
            "select * from publish.finding where period is null or period = $period order by id",
            draft / "findings.parquet",
            period,
        )
        _copy(
            con,
            "select * exclude (suffix), suffix from build.binding where period <= $period order by submission",
            draft / "sources.parquet",
            period,
        )
        definitions = _definitions(pack, catalogue, contracts, period, views)
        for name in definitions["views"]:
            (draft / "views" / f"{name}.sql").write_text(views[name].sql, encoding="utf-8")
        used = {t for v in definitions["views"].values() for t in v["tables"]}
        slices = {
            draft / "tables" / f"{table}.parquet": _slice(table, columns(table), catalogue, pack, period)
            for table in used | {"policy.area_closure", IDENTITY}
        }
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            list(pool.map(_copy, [con.cursor() for _ in slices], slices.values(), slices))
        _json(draft / "definitions.json", definitions)
        earlier = [r for _, r in sorted(latest.items()) if r.period < period]
        history = history or History(definitions)
        for known in (r for r in earlier if r.period not in history):
            history.put(
                known.period, _readings(con, f"read_parquet({literal(known.path / 'figures.parquet')})", history)
            )
        history.put(period, _readings(con, "figure", history))
        history.frame(period).write_parquet(draft / "targets.parquet")
        _json(draft / "manifest.json", _manifest(con, pack, deadline, release, before, as_of, earlier, draft))
        draft.rename(release.path)
        latest[period] = release
        sealed.append(Sealed(release, True, figures, withheld, changed))
    return sealed


def _changes(con: duckdb.DuckDBPyConnection, release: Release, before: Release | None) -> int:
    """Lay what differs from the release before into the temp table ``change``; how many figures that is."""
    if before is None:
        return 0
    old_inputs = [i["submission"] for i in before.manifest["inputs"]]
    was, now = (
        {tuple(link.items()) for link in links}
        for links in (before.manifest.get("links", []), _links(con, release.period))
    )
    linked = [dict(link)["submission"] for link in was ^ now]
    con.execute(
        "create or replace temp table changed_input as select submission, extract, file from build.binding"
        f" where period <= {literal(release.period)} and (not list_contains([{literals(old_inputs)}]::integer[], submission)"
        f" or list_contains([{literals(linked)}]::integer[], submission))"
    )
    con.execute(
        f"create or replace temp table change as {CHANGES.format(old=literal(before.path / 'figures.parquet'))}"
    )
    return int(_row(con, "select count(*) from change")[0])


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    schema, name = table.split(".")
    return {row[0] for row in con.execute(f'describe "{schema}"."{name}"').fetchall()}


def _slice(table: str, columns: set[str], catalogue: Catalogue, pack: Pack, period: str) -> str:
    """The rows of a table that a release of one period needs, in the order of their full key."""
    schema, name = table.split(".")
    # any row of any month may be judged by what was set then
    models = {s.model for s in catalogue.subject.values()} if table == SETTINGS else {name}
    windows = {window for model in models for window in catalogue.windows(model, pack, period)}
    spans = sorted({(period, period), *(span(window, period, pack.plan.from_) for window in windows)})
    held = " or ".join(f"period between {literal(start)} and {literal(end)}" for start, end in spans)
    where = f"where {held}" if "period" in columns else ""
    order = "period, subject" if {"period", "subject"} <= columns else "all"
    return f'select * from "{schema}"."{name}" {where} order by {order}'


def _copy(con: duckdb.DuckDBPyConnection, query: str, path: Path, period: str | None = None) -> None:
    text = query.replace("$period", literal(period))
    con.execute(f"copy ({text}) to {literal(path)} (format parquet, compression zstd)")


def _definitions(
    pack: Pack, catalogue: Catalogue, contracts: Mapping[str, Contract], period: str, views: dict[str, Any]
) -> dict[str, Any]:
    """All words that a figure of this release needs, as they are now: a later wording never changes it."""
    used = dict.fromkeys(catalogue.topics)
    waiting = list(used)
    while waiting:
        for need in views[waiting.pop()].needs:
            if need in views and need not in used:
                used[need] = None
                waiting.append(need)
    clauses = sorted(
        {c for i in catalogue.indicators.values() for c in i.all_clauses}
        | {r.clause for r in pack.rules}
        | {t.clause for t in pack.target_entries}
        | {d.clause for d in pack.duties if d.evidence and d.clause}
        | {c for name in catalogue.settings if name in pack.settings for c in pack.settings[name].clauses}
    )
    rules = {r.rule: r for r in pack.rules_in_force(period)}
    codes = {
        m: {
            c: {"zh": code.zh[0], "en": code.en} | ({"common": code.common} if code.common else {})
            for c, code in cs.items()
        }
        for m, cs in pack.codes.items()
    }
    codes["rule"] = {r.rule: {"zh": r.title.zh, "en": r.title.en} for r in rules.values()}
    duties = {d.duty: d for d in pack.evidenced(period)}
    codes["duty"] = {d.duty: d.title.model_dump() for d in duties.values()}
    codes["department"] = {
        d: {"zh": pack.department_name(d, period), "en": names[-1].en} for d, names in pack.departments.items()
    }
    extracts = {extract: contract.title.model_dump() for extract, contract in contracts.items()}
    codes["extract"] = {extract: extracts[extract] for extract in catalogue.extracts}
    return {
        "pack": {
            "name": pack.name,
            "title": pack.title.model_dump(),
            "area": pack.area,
            "plan": {"from": pack.plan.from_, "to": pack.plan.to},
        },
        "indicators": {
            code: _definition(catalogue, i) | {"settings": _settings(pack, catalogue.settings_named(code), period)}
            for code, i in catalogue.indicators.items()
        },
        "rules": {r.rule: r.model_dump(mode="json") for r in rules.values()},
        "duties": {d.duty: d.model_dump(mode="json", include={"duty", "title", "clause"}) for d in duties.values()},
        "measures": {
            m.code: {
                "title": m.title.model_dump(),
                "unit": m.unit.model_dump(),
                "settings": _settings(pack, catalogue.settings_named(m.code), period),
            }
            for m in catalogue.measures.values()
        },
        "clauses": {
            c: {"doc_no": pack.clauses[c].doc_no, "section": pack.clauses[c].section, "quote": pack.clauses[c].quote}
            for c in clauses
            if c in pack.clauses
        },
        "codes": codes,
        "areas": [a.model_dump() for a in pack.areas],
        "targets": [
            t.model_dump(mode="json", by_alias=True) | {"area": t.area or pack.area, "value": float(t.value)}
            for t in pack.targets
        ],
        "waiting_targets": _waiting_targets(pack),
        "extracts": extracts,
        "departments": codes["department"],
        "views": {
            name: {
                "needs": [n for n in views[name].needs if n in used],
                "tables": sorted({f"{s}.{t}" for s, t in TABLE.findall(views[name].sql) if t not in used}),
            }
            for name in sorted(used)
        },
    }


def _waiting_targets(pack: Pack) -> list[dict[str, Any]]:
    """The targets that nothing can be said of yet: ``why`` is ``no_indicator`` or ``unset``, ``detail`` which one."""
    working = {target.target for target in pack.targets}
    return [
        t.model_dump(mode="json", by_alias=True, exclude={"awaits", "setting", "value"})
        | {"area": t.area or pack.area, "value": None if t.value is None else float(t.value)}
        | {"why": "no_indicator" if t.awaits else "unset", "detail": t.awaits or t.setting}
        for t in pack.target_entries
        if t.target not in working
    ]


def _settings(pack: Pack, names: Iterable[str], period: str) -> list[dict[str, Any]]:
    """What the pack says of the settings that a definition names, with their clauses; ``value`` is None where it is unset."""
    found = []
    for name in names:
        about = pack.settings.get(name)
        value = pack.in_force(name, period)
        found.append(
            {
                "setting": name,
                "title": about.title.model_dump() if about else None,
                "clauses": list(about.clauses) if about else [],
                "unit": about.unit if about else "",
                "value": float(value) if isinstance(value, Decimal) else value,
            }
        )
    return found


def _definition(catalogue: Catalogue, indicator: Indicator) -> dict[str, Any]:
    return {
        "title": indicator.title.model_dump(),
        "unit": indicator.unit.model_dump(),
        "once": indicator.once.model_dump() if indicator.once else None,
        "beside": indicator.beside,
        "kind": "derived" if indicator.derived else "additive",
        "decimals": catalogue.decimals(indicator.code),
        "clauses": list(indicator.all_clauses),
        "own": indicator.own.model_dump() if indicator.own else None,
        "clauses_of": {}
        if isinstance(indicator.clauses, tuple)
        else {k: list(v) for k, v in indicator.clauses.items()},
        "numerator": indicator.numerator,
        "population": indicator.population,
        "breakdowns": {dim: b.codes for dim, b in indicator.breakdowns.items()},
        "derived": indicator.derived.model_dump() if indicator.derived else None,
        "topic": catalogue.topic.get(indicator.code),
        "subject": None if indicator.derived else catalogue.subject[indicator.code].title.model_dump(),
        "window": None if indicator.derived else catalogue.window(indicator.code),
    }


def _readings(con: duckdb.DuckDBPyConnection, figures: str, history: History) -> Iterator[Row]:
    """The figures of a month behind targets, from a table of figures."""
    rows = con.execute(
        f"select {', '.join(FIGURE_COLUMNS)} from {figures}"
        f" where list_contains([{literals(history.indicators)}], indicator)"
    ).fetchall()
    return map(Row.of, rows)


def _manifest(
    con: duckdb.DuckDBPyConnection,
    pack: Pack,
    deadline: Callable[[str, str], date],
    release: Release,
    before: Release | None,
    as_of: str,
    earlier: list[Release],
    draft: Path,
) -> dict[str, Any]:
    columns = ["submission", "extract", "department", "period", "area", "revision", "file", "sha256", "received_at"]
    inputs = con.execute(
        f"select {', '.join(columns)} from build.binding where period <= {literal(release.period)} order by submission"
    ).fetchall()
    files = sorted(p for p in draft.rglob("*") if p.is_file())
    counts = con.execute("select status, count(*) from figure group by status order by status").fetchall()
    severity = con.execute(
        f"select severity, count(*) from publish.finding where period is null or period = {literal(release.period)}"
        " group by severity order by severity"
    ).fetchall()
    return {
        "release": release.name,
        "period": release.period,
        "revision": release.revision,
        "as_of": as_of,
        "supersedes": before.name if before else None,
        "history": [r.name for r in earlier],
        "policy": {"name": pack.name, "sha256": pack.sha256},
        "figures": dict(counts),
        "findings": dict(severity),
        "inputs": [
            dict(zip(columns, row, strict=True)) | {"due": deadline(row[1], row[3]).isoformat()} for row in inputs
        ],
        "links": _links(con, release.period),
        "files": {str(p.relative_to(draft)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files},
    }


def _links(con: duckdb.DuckDBPyConnection, period: str) -> list[dict[str, Any]]:
    """The rows that stand for somebody registered because a person has said so: address, proposal, who said it, when."""
    rows = con.execute(
        "select source, proposal, accepted_by, accepted_at from build.link"
        f" where period <= {literal(period)} order by source"
    ).fetchall()
    names = ("submission", "sheet", "row", "proposal", "accepted_by", "accepted_at")
    return [dict(zip(names, (*unpack(source), *rest), strict=True)) for source, *rest in rows]


def _row(con: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row = con.execute(query).fetchone()
    assert row is not None
    return row


def _json(path: Path, content: dict[str, Any]) -> None:
    """A line for every entry of every part: fit to be read and compared, and quicker to write than with all indented."""

    def text(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    def part(value: Any) -> str:
        match value:
            case dict():
                return "{\n" + ",\n".join(f"  {text(k)}: {text(v)}" for k, v in value.items()) + "\n}"
            case list():
                return "[\n" + ",\n".join(f"  {text(v)}" for v in value) + "\n]"
        return text(value)

    parts = ",\n".join(f"{text(name)}: {part(value)}" for name, value in content.items())
    path.write_text(f"{{\n{parts}\n}}\n", encoding="utf-8")
