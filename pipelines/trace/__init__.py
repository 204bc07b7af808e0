"""From a published figure back to the cells it came from. Reads the sealed release and the archive, nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

import duckdb

from pipelines.release import Release, figure_key, open_release
from pipelines.release.read import number, operands
from pipelines.settings import Settings
from pipelines.sql import literal
from pipelines.trace.cells import Cells

KNOWN = "(numerator is not null or denominator is not null)"
By = Literal["rule", "figure", "indicator", "setting", "elsewhere", "own"]
GROUNDS: dict[By, tuple[str, str]] = {
    "indicator": (
        "没有条款单独要求本项，随同一指标的条款",
        "No clause asks for this item by itself; it goes with its indicator",
    ),
    "setting": ("条款给出的是所用的参数", "The clause gives the setting that it is measured by"),
    "elsewhere": ("本地文件没有要求，按其他县文件的口径", "No document of this county asks for it; those of others do"),
    "own": ("没有条款要求", "No clause asks for it"),
}


class Ground(NamedTuple):
    """The clauses of a figure, the one that it is published under first, and what names them: its risk rule or duty, the figure
    itself, its indicator for another of its figures, a setting, or only other counties' documents. ``own`` has none: the
    indicator says why there is such a figure.
    """

    by: By
    clauses: tuple[str, ...]


def trace(settings: Settings, figure_id: str, limit: int = 20, offset: int = 0) -> dict[str, Any]:
    """A figure with its definition, its clauses, and the contributions that add up to it, each with its source rows.

    Returns ``{figure, definition, ground, clauses, settings, operands, totals: {contributions, unknown, numerator, denominator,
    source_rows}, contributions: [{subject, numerator, denominator, evidence: [{submission, file, sha256, sheet, row, cells}]}]}``.
    ``clauses`` begin with the one that the figure is published under, ``ground`` is what names them (``Ground.by``). ``settings`` are
    those that the definition, or the measure of its rule, names: ``{setting, title, clauses, unit, value}``.
    ``totals`` are over all contributions, the list is one page of them. A derived figure's contributions are those of its two
    operands side by side, so that the sums of both columns give its value; what it takes off is among its operands, with traces of
    their own. Personal cells are masked.
    Raises ReleaseError when the figure or its release does not exist.
    """
    key = figure_key(figure_id)
    release = open_release(settings, key.period, key.revision)
    figure = release.figure(key.indicator, key.area, key.breakdown)
    definition = release.definitions["indicators"][key.indicator]
    derived = definition["derived"]
    if derived:
        parts = operands(derived, key.breakdown)
        totals, page = _side_by_side(release, key.area, parts[:2], limit, offset)
    else:
        parts = []
        totals, page = _additive(release, key.indicator, key.area, key.breakdown, limit, offset)
    reader = Cells(settings, release)
    rule = _rule(release, figure)
    under = ground(release, figure)
    named = [*definition.get("settings", []), *(rule["measure"].get("settings", []) if rule else [])]
    return {
        "figure": figure,
        "definition": definition | {"code": key.indicator, "rule": rule},
        "ground": under.by,
        "clauses": _quoted(release, under.clauses),
        "settings": [setting | {"clauses": _quoted(release, setting["clauses"])} for setting in named],
        "operands": [release.figure(indicator, key.area, breakdown)["id"] for indicator, breakdown in parts],
        "totals": totals,
        "contributions": [
            {
                "subject": subject,
                "numerator": number(numerator),
                "denominator": number(denominator),
                "evidence": reader.rows(evidence),
            }
            for subject, numerator, denominator, evidence in page
        ],
    }


def _quoted(release: Release, clauses: Iterable[str]) -> list[dict[str, Any]]:
    return [{"id": c} | release.definitions["clauses"].get(c, {}) for c in clauses]


def _rule(release: Release, figure: dict[str, Any]) -> dict[str, Any] | None:
    """The risk rule that a figure is about, with its measure's title; None for other figures."""
    rule: dict[str, Any] | None = release.definitions["rules"].get(figure["breakdown"].get("rule", ""))
    return rule and rule | {"measure": release.definitions["measures"][rule["measure"]] | {"code": rule["measure"]}}


def ground(release: Release, figure: dict[str, Any]) -> Ground:
    """What a figure is published under (S01). The clauses of the county's own documents come first: those of its rule or duty,
    its own, its indicator's, those of the settings that it is measured by; then what other documents ask for.
    """
    definition = release.definitions["indicators"][figure["indicator"]]
    duty = release.definitions.get("duties", {}).get(figure["breakdown"].get("duty", ""))
    named: dict[By, list[str]] = {
        "rule": [about["clause"] for about in (_rule(release, figure), duty) if about and about["clause"]],
        "figure": figure["clauses"],
        "indicator": definition["clauses"],
        "setting": [clause for setting in definition.get("settings", []) for clause in setting["clauses"]],
    }
    known = release.definitions["clauses"]
    for by, clauses in named.items():
        if here := [clause for clause in clauses if clause in known]:
            if by in ("indicator", "setting"):
                return Ground(by, (here[0],))
            return Ground(by, (*here, *(clause for clause in clauses if clause not in known)))
    elsewhere = next((clauses for clauses in named.values() if clauses), [])
    return Ground("elsewhere" if elsewhere else "own", tuple(elsewhere))


def _lay(
    release: Release, con: duckdb.DuckDBPyConnection, table: str, indicator: str, area: str, breakdown: str
) -> None:
    """The contributions of one additive figure as a temp table: its topic's view, filtered by the figure's key."""
    about = release.definitions["indicators"][indicator]
    start, end = release.span(indicator)
    con.execute(
        f"""
        create temp table {table} as select * from main."{about["topic"]}"
        where period between {literal(start)} and {literal(end)}
            and indicator = {literal(indicator)} and breakdown = {literal(breakdown)}
            and area_code in (select descendant from policy.area_closure where ancestor = {literal(area)})
        """
    )


def _additive(
    release: Release, indicator: str, area: str, breakdown: str, limit: int, offset: int
) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    with release.tables(release.definitions["indicators"][indicator]["topic"]) as con:
        _lay(release, con, "c", indicator, area, breakdown)
        con.execute("alter table c add column denominator decimal(38, 4)")
        return _totals_and_page(con, "null", limit, offset)


def _side_by_side(
    release: Release, area: str, parts: list[tuple[str, str]], limit: int, offset: int
) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    with release.tables(*(release.definitions["indicators"][indicator]["topic"] for indicator, _ in parts)) as con:
        for side, (indicator, breakdown) in zip(("n", "d"), parts, strict=True):
            _lay(release, con, side, indicator, area, breakdown)
        con.execute(
            """
            create temp table c as
            select subject, period, n.numerator as numerator, d.numerator as denominator,
                list_sort(list_distinct(list_concat(coalesce(n.evidence, []), coalesce(d.evidence, [])))) as evidence
            from n full join d using (subject, period)
            """
        )
        return _totals_and_page(con, "sum(denominator)", limit, offset)


def _totals_and_page(
    con: duckdb.DuckDBPyConnection, denominator: str, limit: int, offset: int
) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    """Totals over the temp table ``c`` and one page of it, known contributions first."""
    result = con.execute(
        f"""
        select count(*) filter (where {KNOWN}) as contributions, count(*) filter (where not {KNOWN}) as unknown,
            coalesce(sum(numerator), 0) as numerator, {denominator} as denominator,
            (select count(distinct r) from (select unnest(evidence) as r from c where {KNOWN})) as source_rows
        from c
        """
    )
    names = [column[0] for column in result.description]
    row = result.fetchone()
    assert row is not None
    totals = {n: v if isinstance(v, int) else number(v) for n, v in zip(names, row, strict=True)}
    page = con.execute(
        f"select subject, numerator, denominator, evidence from c order by not {KNOWN}, numerator is null, subject, period"
        f" limit {literal(limit)} offset {literal(offset)}"
    )
    return totals, page.fetchall()
