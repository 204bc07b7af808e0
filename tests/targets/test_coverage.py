"""Over the sample county, three to twelve months ahead, intervals of 90 % hold what then came in 85 to 95 of a hundred cases."""

from __future__ import annotations

import pytest

from pipelines.release import list_releases
from pipelines.settings import Settings
from pipelines.targets import LEVEL
from pipelines.targets.backtest import Check, at_due, at_every_month, sealed_history

FEWEST_PAIRS = 200


def held(checks: list[Check]) -> float:
    return sum(check.inside for check in checks) / len(checks)


@pytest.mark.slow
def test_sealed_intervals_hold_what_came_at_the_due_date(sealed_home: Settings) -> None:
    checks = [check for check in at_due(list_releases(sealed_home)) if check.months >= 3]
    assert {check.months for check in checks} == set(range(3, 13))
    assert len({(check.indicator, check.area) for check in checks}) >= FEWEST_PAIRS
    assert LEVEL == 0.9 and 0.85 <= held(checks) <= 0.95


@pytest.mark.slow
def test_intervals_made_at_any_month_hold_what_came(sealed_home: Settings) -> None:
    checks = [c for c in at_every_month(sealed_history(list_releases(sealed_home))) if c.months >= 3]
    assert len({(check.indicator, check.area) for check in checks}) >= FEWEST_PAIRS
    assert len({check.origin for check in checks}) >= 20
    assert 0.85 <= held(checks) <= 0.95
    assert all(0.8 <= held([c for c in checks if c.months == months]) <= 0.98 for months in range(3, 13))
    assert all(0.85 <= held([c for c in checks if c.level == level]) <= 0.97 for level in ("county", "township"))


@pytest.mark.slow
def test_every_release_has_a_row_for_every_target_and_unknown_is_never_on_track(sealed_home: Settings) -> None:
    for release in list_releases(sealed_home):
        rows = release.targets()
        root = [row for row in rows if row["area"] == release.definitions["pack"]["area"]]
        entries = [t["target"] for key in ("targets", "waiting_targets") for t in release.definitions[key]]
        assert sorted(row["target"] for row in root) == sorted(entries)
        for row in rows:
            assert row["value"] is not None or row["status"] == "unknown"
            assert (row["status"] == "unknown") <= bool(row["why"])
            assert row["forecast"]["chance"] is None or not row["forecast"]["why_not"]
        published = {f["id"]: f["value"] for f in release.figures() if f["status"] == "published"}
        for row in root:
            if row["judged"] == release.period and row["value"] is not None:
                assert row["value"] == published[row["figure"]]
