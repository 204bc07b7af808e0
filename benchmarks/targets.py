"""How often the intervals of targets held over a sealed county: ``python -m benchmarks.targets`` reads FANGPIN_HOME and prints it."""

from __future__ import annotations

from collections.abc import Iterable

from pipelines.release import list_releases
from pipelines.settings import Settings
from pipelines.targets.backtest import Check, at_due, at_every_month, sealed_history


def main() -> None:
    """Coverage by months ahead, and how often goals were met by the chance that was given them."""
    releases = list_releases(Settings.load())
    at_due_date = list(at_due(releases))
    print(f"{releases[0].name} to {releases[-1].name}, intervals meant to hold 90 %")
    _coverage("as sealed, at the due date", at_due_date)
    every = list(at_every_month(sealed_history(releases)))
    _coverage("made at every month", every)
    tested = [check for check in every if check.months >= 3]
    for low in range(0, 100, 10):
        found = [c for c in tested if low <= c.chance * 100 < low + 10]
        if found:
            print(f"  chance {low:2}–{low + 10} %: met {sum(c.met for c in found) / len(found):6.1%} of {len(found):,}")


def _coverage(title: str, checks: Iterable[Check]) -> None:
    checks = list(checks)
    tested = [check for check in checks if check.months >= 3]
    if not tested:
        print(f"{title}: nothing came of what was forecast yet")
        return
    pairs = len({(c.indicator, c.area) for c in tested})
    print(
        f"{title}: {sum(c.inside for c in tested) / len(tested):.1%} of {len(tested):,}, {pairs} targets × areas, 3–12 months ahead"
    )
    for months in sorted({c.months for c in checks}):
        found = [c for c in checks if c.months == months]
        print(f"  {months:2} months ahead: {sum(c.inside for c in found) / len(found):.1%} of {len(found):,}")


if __name__ == "__main__":
    main()
