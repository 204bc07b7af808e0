"""How long a refresh takes, from landed files to sealed releases, and where the time goes.

``make bench`` runs it and writes benchmarks/results/refresh.md and the same table into the README. Each run is a new process,
as an operator starts one; medians are reported. Only the sample county is measured.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import click

from benchmarks.report import Measured, machine, publish, run
from pipelines.periods import months
from pipelines.settings import Settings

YEARS = "2017-12:2020-12"
MONTH = "2020-12"
HISTORY = "2017-12:2020-11"
AS_OF = "2021-01-20T00:00:00Z"  # after the last month's files, before the sample county's correction

CHILD = """
import json, sys
from pipelines.defs.refresh import refresh
from pipelines.periods import months
from pipelines.settings import Settings
done = refresh(Settings.load(), months(sys.argv[1]), sys.argv[2], lambda *_: None)
print(json.dumps(done.timings))
"""


@dataclass(frozen=True)
class Scenario:
    """What is measured: ``prepare`` makes a data folder (not timed), ``command`` is run on a copy of it."""

    title: str
    prepare: Callable[[Path], None]
    command: Sequence[str]


def refresh_command(span: str) -> Sequence[str]:
    """A process of its own that refreshes the months of ``span`` and prints the split of its time."""
    return (sys.executable, "-c", CHILD, span, AS_OF)


def scenarios(landed: Path) -> list[Scenario]:
    """The refreshes of the README: ``landed`` is the sample county's landing folder with all its months."""

    def land(span: str) -> Callable[[Path], None]:
        def prepare(home: Path) -> None:
            for month in months(span):
                shutil.copytree(landed / month, home / "landing" / month)

        return prepare

    def history(home: Path) -> None:
        land(HISTORY)(home)
        run(refresh_command(HISTORY), home)
        land(MONTH)(home)

    fangpin = str(Path(sys.executable).parent / "fangpin")
    return [
        Scenario("one month, nothing before it", land(MONTH), refresh_command(MONTH)),
        Scenario("one month, 36 months already there", history, refresh_command(MONTH)),
        Scenario("37 months in one pass", land(YEARS), refresh_command(YEARS)),
        Scenario("fangpin demo: simulate, 37 months, a correction, r2", lambda home: None, (fangpin, "demo")),
    ]


def measure(scenario: Scenario, runs: int, scratch: Path) -> list[Measured]:
    """Prepare once, then run ``runs`` times, each on a fresh copy of what was prepared."""
    prepared = scratch / "prepared"
    prepared.mkdir()
    scenario.prepare(prepared)
    found = []
    for number in range(runs):
        home = scratch / "home"
        shutil.copytree(prepared, home)
        found.append(run(scenario.command, home))
        click.echo(f"{scenario.title}: run {number + 1} of {runs}: {found[-1].whole:.1f} s", err=True)
        shutil.rmtree(home)
    shutil.rmtree(prepared)
    return found


def table(measured: dict[str, list[Measured]]) -> str:
    """A Markdown table of medians in seconds (memory in MB): a row per scenario, a column per part in order of appearance."""
    parts = list(dict.fromkeys(part for runs in measured.values() for one in runs for part in one.parts))
    lines = [["refresh", *parts, "whole", "peak memory"], ["---", *["---:"] * (len(parts) + 2)]]
    for title, runs in measured.items():
        split = [f"{median(one.parts[p] for one in runs):.1f} s" if p in runs[0].parts else "" for p in parts]
        peak = f"{median(one.peak_mb for one in runs):.0f} MB"
        lines.append([title, *split, f"**{median(one.whole for one in runs):.1f} s**", peak])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


@click.command()
@click.option("--runs", type=click.IntRange(min=1), default=3, show_default=True, help="How often each is measured.")
@click.option("--date", "on", required=True, help="The day that the results are to bear, YYYY-MM-DD.")
@click.option("--only", help="Measure only the scenarios whose title holds this text, and write nothing.")
def main(runs: int, on: str, only: str | None) -> None:
    """Measure refreshes of the sample county and write the table of medians."""
    from pipelines.intake.contract import load_contracts
    from pipelines.policy import load_pack
    from pipelines.simulate import simulate

    settings = Settings.load()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="fangpin-bench-") as folder:
        landed = Path(folder) / "landed"
        simulate(landed, load_pack(settings.policy_dir), load_contracts(), months(YEARS))
        chosen = [s for s in scenarios(landed) if not only or only in s.title]
        measured = {s.title: measure(s, runs, Path(folder)) for s in chosen}
    made = "\n\n".join(
        (
            table(measured),
            f"Medians of {runs} {'run' if runs == 1 else 'runs'} on {on}: {machine()}, load {load:.1f} when it began."
            " Expectations run beside dbt: `checks` is what is left to wait for. The whole is the process, with the start of Python.",
        )
    )
    click.echo(made)
    if not only:
        publish("refresh", "How long a refresh takes", made)


if __name__ == "__main__":
    main()
