"""What every risk rule says of one household in one month, and why. Reads the sealed release and the archive."""

from __future__ import annotations

from typing import Any

from pipelines.release import ReleaseError, open_release
from pipelines.release.read import number
from pipelines.settings import Settings
from pipelines.sql import literal
from pipelines.trace.cells import Cells

ANSWER = {True: "met", False: "not_met", None: "unknown"}


def explain(settings: Settings, household: str, period: str, revision: int | None = None) -> dict[str, Any]:
    """The answer of each rule in force: ``{household, period, release, rules: [{rule, title, clause, answer, value, threshold,
    comparator, unit, evidence, waits_for}]}``.

    ``household`` is its pseudonym (``H…``). An unknown answer says which submissions it waits for. Raises ReleaseError when
    there is no such release, or the household is not in it.
    """
    release = open_release(settings, period, revision)
    with release.tables("int_rule_result") as con:
        rows = con.execute(
            "select rule__rule, area_code, rule__value, rule__met, rule__evidence from main.int_rule_result"
            f" where hh_id = {literal(household)} and period = {literal(period)} order by rule__rule"
        ).fetchall()
        there = (
            rows
            or con.execute(
                "select 1 from main.int_household_month"
                f" where subject = {literal(household)} and period = {literal(period)}"
            ).fetchall()
        )
    if not there:
        raise ReleaseError(f"发布版 {release.name} 中没有户 {household}；户的代号（H 开头）见 fangpin trace")
    cells = Cells(settings, release)
    rules = []
    for rule, area, value, met, evidence in rows:
        about = release.definitions["rules"][rule]
        waits = release.figure("assessed_households", area, f"rule={rule}")["waits_for"] if met is None else []
        rules.append(
            {
                "rule": rule,
                "title": about["title"]["zh"],
                "clause": about["clause"],
                "answer": ANSWER[met],
                "value": number(value),
                "comparator": about["comparator"],
                "threshold": float(about["threshold"]),
                "unit": about["unit"],
                "evidence": cells.rows(evidence),
                "waits_for": waits,
            }
        )
    return {"household": household, "period": period, "release": release.name, "rules": rules}
