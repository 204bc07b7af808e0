"""From a source row forward to every published figure that it feeds, in every release. Reads sealed releases only."""

from __future__ import annotations

from typing import Any

from pipelines.intake.address import pack
from pipelines.release import Release, ReleaseError, list_releases
from pipelines.release.read import operands
from pipelines.settings import Settings
from pipelines.sql import literal


def impact(settings: Settings, submission: int, sheet: int, row: int) -> dict[str, Any]:
    """Every figure of every release whose evidence holds the row.

    Returns ``{submission, sheet, row, file, sha256, releases: [{release, figures: [{id, title, breakdown, area, area_name, value,
    unit, status}]}]}``, releases in order, figures in the order of their definitions. A derived figure is fed when an operand is.
    Raises ReleaseError when no release was made with the submission.
    """
    source = pack(submission, sheet, row)
    about: dict[str, Any] = {}
    fed = []
    for release in list_releases(settings):
        given = next((i for i in release.manifest["inputs"] if i["submission"] == submission), None)
        if given is None:
            continue
        about = about or {
            "file": given["file"],
            "sha256": given["sha256"],
            "extract": given["extract"],
            "period": given["period"],
        }
        figures = _fed(release, source)
        if figures:
            fed.append({"release": release.name, "figures": figures})
    if not about:
        raise ReleaseError(f"没有用到上报件 {submission} 的发布版；上报件编号见 fangpin status")
    return {"submission": submission, "sheet": sheet, "row": row} | about | {"releases": fed}


def _fed(release: Release, source: int) -> list[dict[str, Any]]:
    definitions = release.definitions["indicators"]
    additive: set[tuple[str, str, str]] = set()
    with release.tables(*release.topics) as con:
        for topic in release.topics:
            additive |= set(
                con.execute(
                    f"""
                    select distinct c.indicator, a.ancestor, c.breakdown
                    from main."{topic}" as c join policy.area_closure as a on a.descendant = c.area_code
                    where list_contains(c.evidence, {literal(source)}) and c.numerator is not null
                        and {release.counted}
                    """
                ).fetchall()
            )
    fed = []
    for figure in release.figures():
        breakdown = "".join(f"{dim}={value}" for dim, value in figure["breakdown"].items())
        derived = definitions[figure["indicator"]]["derived"]
        parts = operands(derived, breakdown) if derived else [(figure["indicator"], breakdown)]
        if any((indicator, figure["area"], cut) in additive for indicator, cut in parts):
            fed.append(
                {
                    key: figure[key]
                    for key in ("id", "title", "breakdown", "area", "area_name", "value", "unit", "status")
                }
            )
    return fed
