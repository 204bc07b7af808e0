"""What the checks of a build found, gathered for the gate: intake's ledger, the expectations, the dbt tests.

Checks stand elsewhere (contracts, expectations/, dbt_project/), and so does what follows from them (gate/).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from expectations.report import AcceptedFile, findings_from
from pipelines.findings import Finding
from pipelines.indicators import Catalogue
from pipelines.intake.address import unpack
from pipelines.intake.ledger import Ledger, Submission
from pipelines.intake.receive import raw_file
from pipelines.periods import shift
from pipelines.policy import Pack
from pipelines.settings import Settings
from pipelines.sql import literals


class UnplacedTestError(Exception):
    """A dbt test whose ``config.meta`` does not say what its failure withholds, so the gate could not act on it."""


@dataclass(frozen=True)
class RanTest:
    """One dbt test as it ran. ``meta`` is its ``config.meta``; ``sql`` returns the offending rows."""

    name: str
    failures: int
    sql: str
    meta: dict[str, Any]


def accepted_files(settings: Settings, con: duckdb.DuckDBPyConnection) -> list[AcceptedFile]:
    """The accepted files that the candidate's figures need, and those of the months before, which are only compared with."""
    judged = set(con.execute("select distinct extract, needed_period from build.needed").fetchall())
    compared = judged | {(extract, shift(period, -1)) for extract, period in judged}
    bound = con.execute("select submission, extract, period from build.binding order by submission").fetchall()
    with Ledger(settings.ledger) as ledger:
        submissions = {s.number: s for s in ledger.submissions(state="accepted")}
    return [
        _accepted_file(settings, submissions[number], (extract, period) in judged)
        for number, extract, period in bound
        if (extract, period) in compared
    ]


def _accepted_file(settings: Settings, submission: Submission, judged: bool) -> AcceptedFile:
    return AcceptedFile(
        extract=str(submission.extract),
        department=submission.department,
        period=submission.period,
        submission=submission.number,
        file=submission.file,
        path=str(raw_file(settings, submission)),
        sheets=tuple(submission.sheets),
        headers={name: header for columns in submission.headers.values() for _, header, name, _ in columns if name},
        judged=judged,
    )


def export_figures(con: duckdb.DuckDBPyConnection, catalogue: Catalogue, pack: Pack, path: Path) -> None:
    """Write the candidate's figures, with what the expectations need to know of each, to a Parquet file.

    Not those of growth, or of how much more one is than another: that may be negative, and jumps without anything being wrong.
    """
    growth = literals(code for code, i in catalogue.indicators.items() if i.derived and i.derived.may_fall_below_zero)
    percent = literals(code for code, i in catalogue.indicators.items() if i.unit.zh == "%")
    con.execute(
        f"""
        copy (
            select
                f.period, f.area, f.indicator, f.breakdown, f.value,
                f.indicator in ({percent}) as is_percent,
                coalesce(i.time_window, 'month') as time_window,
                f.area = '{pack.area}' as is_root
            from main.fct_figures as f left join build.indicator as i using (indicator)
            where f.value is not null and not list_contains([{growth}]::varchar[], f.indicator)
        ) to '{str(path).replace("'", "''")}' (format parquet)
        """
    )


def intake_findings(settings: Settings, con: duckdb.DuckDBPyConnection) -> list[Finding]:
    """What intake found in the submissions that the candidate's figures could have used, those received by its ``as_of``."""
    needed = set(con.execute("select distinct extract, needed_period from build.needed").fetchall())
    built = {period for (period,) in con.execute("select period from build.period").fetchall()}
    as_of = con.execute("select as_of from build.run").fetchall()[0][0]
    with Ledger(settings.ledger) as ledger:
        received = {s.number for s in ledger.submissions() if s.received_at <= as_of}
        return [
            f
            for f in ledger.findings()
            if f.submission in received
            and ((f.extract, f.period) in needed or (f.extract is None and f.period in built))
        ]


def findings_of_tests(
    con: duckdb.DuckDBPyConnection, catalogue: Catalogue, results: Iterable[RanTest]
) -> list[Finding]:
    """A finding for each month and area where a dbt test failed; for every built month, whole county, where it does not say.

    A test ``by_row`` gives one for each row that it returns, at the place of its ``source``; ``times`` counts for how many it
    stands, ``other_source`` is a row to compare with. Raises UnplacedTestError when a test does not say what it is about.
    """
    built = [period for (period,) in con.execute("select period from build.period order by period").fetchall()]
    found = []
    for result in results:
        targets = _targets(result, catalogue)
        if not result.failures:
            continue
        if result.meta.get("by_row"):
            found += _findings_by_row(con, result)
            continue
        offenders = con.execute(f"describe ({result.sql})").fetchall()
        columns = {name for name, *_ in offenders}
        period = "period" if "period" in columns else "null"
        area = "area_code" if "area_code" in columns else "null"
        places = con.execute(
            f"select {period}::varchar, {area}::varchar, count(*) from ({result.sql}) group by all order by all"
        ).fetchall()
        for where, area_code, times in places:
            for target in targets:
                found += [
                    Finding(
                        source="dbt",
                        rule=result.name,
                        message=f"{result.meta['message']}（{times}处）",
                        severity=result.meta.get("severity", "error"),
                        remedy=result.meta["remedy"],
                        period=month,
                        area=area_code,
                        **target,
                    )
                    for month in ([where] if where else built)
                ]
    return found


def _findings_by_row(con: duckdb.DuckDBPyConnection, result: RanTest) -> list[Finding]:
    columns = ("submission", "department", "extract", "file", "sheets")
    bound = {
        number: rest for number, *rest in con.execute(f"select {', '.join(columns)} from build.binding").fetchall()
    }
    base = Finding(
        "dbt", result.name, result.meta["message"], result.meta.get("severity", "error"), result.meta["remedy"]
    )

    def place(source: int) -> dict[str, Any]:
        submission, sheet, row = unpack(source)
        department, extract, file, sheets = bound[submission]
        at = {"submission": submission, "department": department, "extract": extract, "file": file}
        return at | {"sheet": json.loads(sheets)[sheet - 1], "row": row}

    found = []
    rows = con.execute(f"select unnest([offender]) from ({result.sql}) as offender order by all").fetchall()
    for (offender,) in rows:
        message, other = base.message, offender.get("other_source")
        if other:
            there = place(other)
            message += f"（另见 {there['file']}，工作表“{there['sheet']}”第 {there['row']} 行）"
        if offender.get("times"):
            message += f"（{offender['times']}行，这是其中第一行）"
        about = {"period": offender["period"], "area": offender.get("area_code")}
        found.append(replace(base, message=message, **about, **place(offender["source"])))
    return found


def _targets(result: RanTest, catalogue: Catalogue) -> list[dict[str, Any]]:
    """What a failure of the test is about: one entry per extract, or one with all its indicators."""
    extracts, indicators = result.meta.get("extracts"), result.meta.get("indicators")
    by_row = result.meta.get("by_row")
    if not (extracts or indicators or by_row) or not {"message", "remedy"} <= set(result.meta):
        raise UnplacedTestError(
            f"dbt test {result.name}: config.meta needs message, remedy, and extracts, indicators or by_row; it has {result.meta}"
        )
    if extracts:
        return [{"extract": extract} for extract in extracts]
    return [{"indicators": tuple(catalogue.indicators) if indicators == "all" else tuple(indicators or ())}]


def keep(path: Path, findings: Sequence[Finding]) -> None:
    """Leave findings for a later job of the same build."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(f) for f in findings], ensure_ascii=False), encoding="utf-8")


def kept(path: Path) -> list[Finding]:
    """Findings that an earlier job left. Raises FileNotFoundError when it did not run."""
    return list(findings_from(json.loads(path.read_text(encoding="utf-8"))))
