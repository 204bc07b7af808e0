"""Deciding, in the candidate warehouse, which figures may be published. The rules of the decision are in ``decision.sql``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.findings import Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from pipelines.intake.contract import Contract
    from pipelines.intake.ledger import Waiver
    from pipelines.policy import Pack

_SQL = Path(__file__).with_suffix(".sql")
_TYPES = {field.name: "VARCHAR" for field in fields(Finding)} | {
    "submission": "INTEGER",
    "row": "INTEGER",
    "indicators": "VARCHAR[]",
}


class UndeclaredError(Exception):
    """Figures whose extracts nobody declared: they cannot be judged, so nothing may be published."""


def decide(
    con: DuckDBPyConnection,
    pack: Pack,
    findings: Sequence[Finding],
    waivers: Iterable[Waiver],
    contracts: Mapping[str, Contract],
) -> None:
    """Write ``publish.finding`` and ``publish.decision`` (one row for every row of main.fct_figures) in the candidate.

    ``contracts`` holds that of every extract which a figure may need. A figure is withheld when an extract and month that it
    needs is not there for a village of its area, or has an open error finding that touches its area, when an error finding names
    its indicator (or an operand of it), or when its definition names a setting that nobody has set. Unknown subjects, refused
    rows, warnings and waived findings leave it published with a note. Raises UndeclaredError when build.dependency is silent about
    an indicator that is not made of the policy pack alone.
    """
    undeclared = con.execute(
        "select distinct indicator || ' ' || breakdown from main.fct_figures"
        " where (indicator, breakdown) not in (select (indicator, breakdown) from build.dependency)"
        " and (indicator, breakdown) not in (select (indicator, breakdown) from build.of_the_pack) order by all"
    ).fetchall()
    if undeclared:
        raise UndeclaredError(f"没有写明取自哪些报表的指标：{'、'.join(what.strip() for (what,) in undeclared)}")
    con.execute("create schema if not exists publish")
    _write_findings(con, findings, list(waivers))
    _write_senders(con, pack, contracts)
    con.execute(_SQL.read_text(encoding="utf-8"))


def _write_findings(con: DuckDBPyConnection, findings: Sequence[Finding], waivers: Sequence[Waiver]) -> None:
    rows = [asdict(f) | {"waived_because": _because(f, waivers)} for f in findings]
    types = _TYPES | {"waived_because": "VARCHAR"}
    con.execute(
        f"""
        create or replace table publish.finding as
        select
            printf('F%04d', row_number() over (
                order by found.period, found.source, found.extract, found.submission, found.sheet, found.row, found.column,
                    found.rule, found.area, found.message
            )) as id,
            found.*,
            found.waived_because is not null as waived
        from (select unnest(from_json(?::json, '{json.dumps([types])}')) as found)
        order by id
        """,
        [json.dumps(rows, ensure_ascii=False)],
    )


def _because(finding: Finding, waivers: Sequence[Waiver]) -> str | None:
    for w in waivers:
        if w.rule == finding.rule and w.extract in (None, finding.extract) and w.period == finding.period:
            return f"{w.reason}，{w.waived_by}，{w.waived_at[:10]}"
    return None


def _write_senders(con: DuckDBPyConnection, pack: Pack, contracts: Mapping[str, Contract]) -> None:
    wanted = con.execute("select distinct extract, needed_period from build.needed").fetchall()
    rows: list[dict[str, Any]] = [
        {
            "extract": extract,
            "period": period,
            "department": contracts[extract].department,
            "department_name": pack.department_name(contracts[extract].department, period),
            "title": contracts[extract].title.zh,
        }
        for extract, period in wanted
    ]
    types = dict.fromkeys(("extract", "period", "department", "department_name", "title"), "VARCHAR")
    con.execute(
        f"create or replace temp table sender as"
        f" select s.* from (select unnest(from_json(?::json, '{json.dumps([types])}')) as s)",
        [json.dumps(rows, ensure_ascii=False)],
    )
