"""Runs the suites: frames from Parquet through DuckDB, expectations through Great Expectations, findings with their source rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from expectations import SUITES
from expectations.check import Check, Suite
from expectations.report import AcceptedFile, Outcome, Report
from pipelines.findings import Finding
from pipelines.intake.address import unpack

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    from great_expectations.core.batch_definition import BatchDefinition

LISTED = 200
"""Offending rows that are listed one by one for a check and submission; the rest are counted in one finding."""


class NotJudged(RuntimeError):
    """Great Expectations did not judge a check of ours. Permanent: the check or its frame is wrong, not the data."""


MACROS = """
create macro last_month(period) as strftime(strptime(period || '-01', '%Y-%m-%d') - interval 1 month, '%Y-%m');
create macro month_end(period) as last_day(strptime(period || '-01', '%Y-%m-%d')::date);
"""


def validate(files: Sequence[AcceptedFile]) -> Report:
    """Judge the accepted rows of ``files`` as a set, each extract once over all its months.

    Files that are not ``judged`` are only compared with (the month before the first). Findings name submission, file, sheet, row,
    header and text as found, and the village of the row: its own, or that of its household or person in the registers given.
    """
    con = _connection()
    by_extract: dict[str, list[AcceptedFile]] = defaultdict(list)
    for file in files:
        by_extract[file.extract].append(file)
    for extract, members in by_extract.items():
        con.execute(f"create view {extract} as from read_parquet({[m.path for m in members]!r}, union_by_name = true)")
    findings: list[Finding] = []
    outcomes: list[Outcome] = []
    for extract, members in by_extract.items():
        judged = {m.period for m in members if m.judged}
        if not judged:
            continue
        for suite in SUITES.get(extract, ()):
            if not set(suite.needs) <= set(by_extract):
                continue
            frame = con.execute(
                f"select * from ({suite.frame}) where list_contains(?, _period) order by all", [sorted(judged)]
            ).df()
            for check, broken in _broken(suite, frame):
                outcomes.append(Outcome(extract, check.name, check.severity, len(frame), len(broken)))
                if "_source" in frame.columns:
                    findings += _row_findings(con, by_extract, extract, check, broken)
                else:
                    findings += [_set_finding(members, extract, check, row) for row in _records(broken)]
    return Report(tuple(findings), tuple(outcomes))


def validate_figures(path: str) -> Report:
    """Judge figures of one build. ``path``: Parquet of period, area, indicator, breakdown, value, is_percent, time_window, is_root."""
    con = _connection()
    con.execute(f"create view figures as select * replace (value::double as value) from read_parquet({path!r})")
    findings: list[Finding] = []
    outcomes: list[Outcome] = []
    for suite in SUITES["figures"]:
        frame = con.execute(f"from ({suite.frame}) order by all").df()
        for check, broken in _broken(suite, frame):
            outcomes.append(Outcome("figures", check.name, check.severity, len(frame), len(broken)))
            findings += [
                Finding(
                    source="expectations",
                    rule=check.name,
                    message=check.message.format_map(row),
                    severity=check.severity,
                    remedy=check.remedy,
                    period=row["_period"],
                    area=row["area"],
                    indicators=(row["indicator"],),
                )
                for row in _records(broken)
            ]
    return Report(tuple(findings), tuple(outcomes))


def _connection() -> duckdb.DuckDBPyConnection:
    import duckdb

    con = duckdb.connect()
    con.execute(MACROS)
    return con


@cache
def _rows() -> BatchDefinition[Any]:
    """What a frame is handed to; one for the process, because a context makes folders and costs as much as a suite."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return (
        context.data_sources.add_pandas("rows").add_dataframe_asset("frame").add_batch_definition_whole_dataframe("all")
    )


def _broken(suite: Suite, frame: pd.DataFrame) -> Iterator[tuple[Check, pd.DataFrame]]:
    """Each check of a suite with the rows of the frame that break it; nothing for a frame without rows."""
    import great_expectations as gx
    import great_expectations.expectations as gxe

    if frame.empty:
        return
    expectations = [getattr(gxe, check.expect)(**check.given, meta={"check": check.name}) for check in suite.checks]
    given = gx.ExpectationSuite(name="suite", expectations=expectations)
    if len(given.expectations) != len(suite.checks):
        raise NotJudged(f"Great Expectations dropped some of {[check.name for check in suite.checks]}")
    batch = _rows().get_batch(batch_parameters={"dataframe": frame})
    validation = batch.validate(
        given, result_format={"result_format": "COMPLETE", "return_unexpected_index_query": False}
    )
    results = {result["expectation_config"]["meta"]["check"]: result for result in validation.results}
    for check in suite.checks:
        result = results[check.name]
        offenders = result["result"].get("unexpected_index_list")
        if offenders is None:
            raise NotJudged(f"{check.name} could not be judged: {result['exception_info']}")
        yield check, frame.loc[sorted(offenders)]


def _records(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for record in frame.to_dict("records"):
        yield {str(key): None if value is None or value != value else value for key, value in record.items()}


def _set_finding(members: list[AcceptedFile], extract: str, check: Check, row: dict[str, Any]) -> Finding:
    """A finding about a month of an extract; it names the submission when there is just one."""
    sent = [m for m in members if m.period == row["_period"]]
    one = sent[0] if len(sent) == 1 else None
    return Finding(
        source="expectations",
        rule=check.name,
        message=check.message.format_map(row),
        severity=check.severity,
        remedy=check.remedy,
        department=sent[0].department,
        extract=extract,
        period=row["_period"],
        area=row.get("area"),
        submission=one.submission if one else None,
        file=one.file if one else None,
        column=one.headers.get(check.column, check.column) if one and check.column else check.column,
    )


def _row_findings(
    con: duckdb.DuckDBPyConnection,
    by_extract: dict[str, list[AcceptedFile]],
    extract: str,
    check: Check,
    broken: pd.DataFrame,
) -> Iterator[Finding]:
    """One finding per source row, and one more per submission for the rows beyond ``LISTED``."""
    if broken.empty:
        return
    members = {m.submission: m for m in by_extract[extract]}
    rows = list(_records(broken))
    counted: Counter[int] = Counter()
    listed = []
    for row in rows:
        submission = unpack(row["_source"])[0]
        counted[submission] += 1
        if counted[submission] <= LISTED:
            listed.append(row)
    places = _places(con, by_extract, extract, check.column, [row["_source"] for row in listed])
    for row in listed:
        submission, sheet, number = unpack(row["_source"])
        member = members[submission]
        area, found = places[row["_source"]]
        yield Finding(
            source="expectations",
            rule=check.name,
            message=check.message.format_map(row),
            severity=check.severity,
            remedy=check.remedy,
            department=member.department,
            extract=extract,
            period=member.period,
            area=area,
            submission=submission,
            file=member.file,
            sheet=member.sheets[sheet - 1],
            row=number,
            column=member.headers.get(check.column, check.column) if check.column else None,
            found=found,
        )
    for submission, n in counted.items():
        if n > LISTED:
            member = members[submission]
            yield Finding(
                source="expectations",
                rule=check.name,
                message=f"同一问题另有 {n - LISTED} 行，未逐行列出",
                severity=check.severity,
                remedy=check.remedy,
                department=member.department,
                extract=extract,
                period=member.period,
                submission=submission,
                file=member.file,
            )


def _places(
    con: duckdb.DuckDBPyConnection,
    by_extract: dict[str, list[AcceptedFile]],
    extract: str,
    column: str | None,
    sources: list[int],
) -> dict[int, tuple[str | None, str | None]]:
    """Source row → village (None where no register tells it) and the text of the column as found (None when personal)."""
    columns = {name for name, *_ in con.execute(f"describe {extract}").fetchall()}
    text = f'r."{column}__text"' if f"{column}__text" in columns else "null"
    registers = {"hh_register", "person_register"} & set(by_extract)
    joins = ""
    hh_id = "r.hh_id" if "hh_id" in columns else None
    if "village_code" in columns:
        village = "r.village_code"
    else:
        if hh_id is None and "person_id" in columns and "person_register" in registers:
            joins += " left join person_register as p on p.person_id = r.person_id and p._period = r._period"
            hh_id = "p.hh_id"
        village = "null"
        if hh_id is not None and "hh_register" in registers:
            joins += f" left join hh_register as h on h.hh_id = {hh_id} and h._period = r._period"
            village = "h.village_code"
    found = con.execute(
        f"select r._source, min({village})::varchar, min({text})::varchar from {extract} as r{joins}"
        " where list_contains(?, r._source) group by r._source",
        [sources],
    ).fetchall()
    return {source: (area, words) for source, area, words in found}
