"""Every figure is published under one clause, or says why there is such a figure (S01)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.release import Release, open_release
from pipelines.settings import Settings
from pipelines.trace import ground

OWN = {"zh": "单列", "en": "Told apart"}
INDICATORS: dict[str, dict[str, Any]] = {
    "asked": {"clauses": ["MH18-001", "SJ21-001"]},
    "asked_elsewhere": {"clauses": ["SJ21-001"]},
    "of_one_cause": {"clauses": ["MH18-002"]},
    "by_a_line": {"clauses": [], "settings": [{"clauses": ["SJ21-002", "MH18-003"]}]},
    "warned": {"clauses": [], "own": OWN},
    "told_apart": {"clauses": [], "own": OWN},
}


@pytest.mark.parametrize(
    ("figure", "by", "clauses"),
    [
        ({"indicator": "asked", "clauses": ["SJ21-001", "MH18-001"]}, "figure", ("MH18-001", "SJ21-001")),
        ({"indicator": "of_one_cause", "clauses": []}, "indicator", ("MH18-002",)),
        ({"indicator": "by_a_line", "clauses": []}, "setting", ("MH18-003",)),
        ({"indicator": "asked_elsewhere", "clauses": ["SJ21-001"]}, "elsewhere", ("SJ21-001",)),
        ({"indicator": "warned", "clauses": [], "breakdown": {"rule": "r"}}, "rule", ("MH18-004",)),
        ({"indicator": "warned", "clauses": [], "breakdown": {"duty": "d"}}, "rule", ("MH18-005",)),
        ({"indicator": "told_apart", "clauses": []}, "own", ()),
    ],
)
def test_the_countys_own_clause_comes_first(
    tmp_path: Path, figure: dict[str, Any], by: str, clauses: tuple[str, ...]
) -> None:
    definitions = {
        "indicators": INDICATORS,
        "rules": {"r": {"clause": "MH18-004", "measure": "m"}},
        "duties": {"d": {"clause": "MH18-005"}},
        "measures": {"m": {}},
        "clauses": {f"MH18-00{n}": {} for n in range(1, 6)},
    }
    (tmp_path / "definitions.json").write_text(json.dumps(definitions), encoding="utf-8")
    assert ground(Release("2020-12", 1, tmp_path), {"breakdown": {}} | figure) == (by, clauses)


@pytest.mark.slow
def test_every_published_figure_of_the_sample_names_its_clause_or_says_why_it_has_none(sealed_home: Settings) -> None:
    release = open_release(sealed_home, "2020-12", 2)
    indicators = release.definitions["indicators"]
    found = set()
    for figure in release.figures(area=release.definitions["pack"]["area"]):
        if figure["status"] == "published":
            by, clauses = ground(release, figure)
            assert bool(clauses) != (by == "own"), figure["id"]
            assert by != "own" or indicators[figure["indicator"]]["own"], figure["id"]
            assert by == "elsewhere" or all(clause in release.definitions["clauses"] for clause in clauses[:1])
            found.add(by)
    assert {"rule", "figure", "own"} <= found
