"""What a check is: a true sentence over a frame, with what to say and do when it is not true. No check stands here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipelines.findings import Severity


@dataclass(frozen=True)
class Check:
    """One expectation and its words.

    ``name`` is the sentence that must be true. ``expect`` is the class of Great Expectations and ``given`` its arguments.
    ``message`` may name columns of the frame as ``{column}``. ``column`` is the contract's column that a finding points to.
    ``clauses`` are those that ask for what the check holds.
    """

    name: str
    severity: Severity
    message: str
    remedy: str
    expect: str
    given: Mapping[str, Any] = field(default_factory=dict)
    column: str | None = None
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suite:
    """Checks over one frame of an extract.

    ``frame`` is a DuckDB query over views of accepted rows named as the extracts; it yields ``_period``, ``_source`` where a row
    of it is a source row, ``area`` where it is about a place, and the columns that the checks name. The macros ``last_month`` and
    ``month_end`` (period → period, period → date) are there. ``needs`` are other extracts that the frame reads: without their
    rows the suite has nothing to compare and is left out.
    """

    frame: str
    checks: tuple[Check, ...]
    needs: tuple[str, ...] = ()


def between(column: str, low: float | None, high: float | None, **given: Any) -> dict[str, Any]:
    """Arguments of an expectation that every known value of a column lies in a closed range."""
    return {
        "expect": "ExpectColumnValuesToBeBetween",
        "given": {"column": column, "min_value": low, "max_value": high, **given},
    }


def not_more(smaller: str, larger: str) -> dict[str, Any]:
    """Arguments of an expectation that one column is at most another, where both are known."""
    return {
        "expect": "ExpectColumnPairValuesAToBeGreaterThanB",
        "given": {
            "column_A": larger,
            "column_B": smaller,
            "or_equal": True,
            "ignore_row_if": "either_value_is_missing",
        },
    }


def volume(
    extract: str, least: float, most: float, severity: Severity = "warning", clauses: tuple[str, ...] = ()
) -> Suite:
    """The rows of a month stay between ``least`` and ``most`` times those of the month before."""
    return Suite(
        frame=f"""
            with months as (select _period, count(*) as rows_n from {extract} group by _period)
            select this._period, this.rows_n, before.rows_n as before_n, this.rows_n / before.rows_n as times_last_month
            from months as this join months as before on before._period = last_month(this._period)
        """,
        checks=(
            Check(
                name=f"{extract}_rows_stay_between_{least:g}_and_{most:g}_times_last_month",
                severity=severity,
                message="本月 {rows_n:.0f} 行，上月 {before_n:.0f} 行，变化过大",
                remedy="请核对是否漏报、重复上报或报错月份；确有变化的请书面说明",
                clauses=clauses,
                **between("times_last_month", least, most),
            ),
        ),
    )


def steady_shares(extract: str, column: str, points: float, title: str, where: str = "true") -> Suite:
    """The share of each value of a code column moves by at most ``points`` percentage points in a month."""
    return Suite(
        frame=f"""
            with counted as (
                select _period, {column} as value, count(*) as rows_n
                from {extract} where {column} is not null and {where} group by all
            ),
            shared as (select _period, value, 100.0 * rows_n / sum(rows_n) over (partition by _period) as share_pct from counted)
            select this._period, this.value, this.share_pct, before.share_pct as before_pct, this.share_pct - before.share_pct as moved
            from shared as this join shared as before on before._period = last_month(this._period) and before.value = this.value
        """,
        checks=(
            Check(
                name=f"share_of_each_{column}_moves_by_at_most_{points:g}_points",
                severity="warning",
                message=title + " {value} 的占比由上月 {before_pct:.2f}% 变为 {share_pct:.2f}%，变化过大",
                remedy="请核对本月数据；确有变化的请书面说明",
                column=column,
                **between("moved", -points, points),
            ),
        ),
    )


def no_village_falls_silent(extract: str) -> Suite:
    """A village with rows last month has rows this month, when the extract came for both months."""
    return Suite(
        frame=f"""
            with counted as (
                select _period, village_code, count(*) as rows_n from {extract} where village_code is not null group by all
            ),
            came as (select distinct _period from counted)
            select came._period, before.village_code as area, before.rows_n as before_n, coalesce(this.rows_n, 0) as rows_n
            from counted as before
            join came on before._period = last_month(came._period)
            left join counted as this on this._period = came._period and this.village_code = before.village_code
        """,
        checks=(
            Check(
                name=f"every_village_with_{extract}_rows_last_month_has_rows_this_month",
                severity="warning",
                message="该村上月有 {before_n:.0f} 行，本月没有",
                remedy="请核对该村是否漏报；确已没有的请书面说明",
                column="village_code",
                **between("rows_n", 1, None),
            ),
        ),
    )


def ordered(extract: str, table: Sequence[tuple[str, str, str, str, str, str]]) -> Suite:
    """One suite of all that a table says of an extract.

    A row of it: extract, what must be true, the smaller (or earlier) column, the larger (``month_end``: the period's last day),
    what is said when it is not, what to do.
    """
    rows = [row[1:] for row in table if row[0] == extract]
    columns = sorted({column for _, smaller, larger, _, _ in rows for column in (smaller, larger)} - {"month_end"})
    return Suite(
        frame=f"select _source, _period, month_end(_period) as month_end, {', '.join(columns)} from {extract}",
        checks=tuple(
            Check(name, "error", said, f"{remedy}，改正后重报", column=smaller, **not_more(smaller, larger))
            for name, smaller, larger, said, remedy in rows
        ),
    )
