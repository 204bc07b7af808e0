"""How many rows a second intake takes in, beside the bare parser, and beside what one would use instead, on the same files.

``make bench`` runs it and writes benchmarks/results/intake.md and the same table into the README. The files are settlements of
ten columns with a title row: names, id numbers with check digits, dates, amounts, and in every hundredth row a cell that is refused.
"""

from __future__ import annotations

import csv
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import click

from benchmarks.report import Measured, machine, publish, run
from pipelines.intake.pseudonym import check_digit
from pipelines.settings import PROJECT

HEADER = (
    "姓名", "身份证号", "医院级别", "入院日期", "结算日期", "总费用", "基本医保报销", "大病保险报销", "医疗救助", "个人自费",
)  # fmt: skip
LEVELS = ("乡镇卫生院", "县级医院", "州级医院", "省级医院")
PERSONS = 30_000  # of a county's registers
OTHERS = PROJECT / ".venv-bench" / "bin" / "python"
SLOW = ("dlt", "pandas")  # of that environment, and measured once: their minutes say the same each time


@dataclass(frozen=True)
class Contest:
    """A file and the readers that read it; ``goals``: how many times a reader's rows a second fangpin is to reach."""

    title: str
    suffix: str
    rows: int
    goals: dict[str, float]


CONTESTS = (
    Contest(".xlsx", ".xlsx", 100_000, {"calamine": 1 / 3, "pandas": 5, "dlt": 5}),
    Contest(".xls", ".xls", 60_000, {"calamine": 0, "dlt": 5}),
    Contest(".csv (GB18030)", ".csv", 1_000_000, {"polars": 1 / 5, "dlt": 5, "pandas": 0}),
)
SMALL = 500


def settlements(n: int) -> Iterator[list[Any]]:
    """Rows of the benchmark: the same for the same ``n``."""
    ids = []
    for i in range(PERSONS):
        digits = f"532822{1950 + i % 60}{1 + i // 60 % 12:02d}{1 + i // 720 % 28:02d}{100 + i % 900:03d}"
        ids.append(digits + check_digit(digits))
    for i in range(n):
        total = 1000 + i * 37 % 90_000 + i % 100 / 100
        paid = round(total * 0.8, 2)
        day = f"2020-03-{1 + i % 28:02d}"
        admitted = f"20{10 + i // 210_000 % 10}-{1 + i % 12:02d}-{1 + i // 12 % 28:02d}"
        own = "约两千" if i % 100 == 99 else round(total - paid, 2)
        yield [f"测试{i % 977}", ids[i * 29 % PERSONS], LEVELS[i % 4], admitted, day, round(total, 2), paid, 0, 0, own]


def make(path: Path, n: int) -> None:
    """Write ``n`` rows in the format that the suffix names."""
    title = "2020年3月住院医疗费用结算明细表"
    if path.suffix == ".csv":
        with path.open("w", encoding="gb18030", newline="") as file:
            csv.writer(file).writerows([[title], HEADER, *settlements(n)])
    elif path.suffix == ".xlsx":
        import xlsxwriter

        book = xlsxwriter.Workbook(path, {"constant_memory": True})
        page = book.add_worksheet("Sheet1")
        for r, row in enumerate([[title], HEADER, *settlements(n)]):
            page.write_row(r, 0, row)
        book.close()
    else:
        import xlwt

        old = xlwt.Workbook(encoding="utf-8")
        sheet = old.add_sheet("Sheet1")
        for r, row in enumerate([[title], HEADER, *settlements(n)]):
            for c, cell in enumerate(row):
                sheet.write(r, c, cell)
        old.save(str(path))


def rows_a_second(measured: list[Measured]) -> float:
    """The median over the runs."""
    return median(one.parts["rows"] / one.parts["seconds"] for one in measured)


def table(found: dict[str, dict[str, list[Measured]]], contests: tuple[Contest, ...] = CONTESTS) -> str:
    """Markdown: a row per file and reader with rows a second, peak memory, fangpin's speed as a multiple of it, the goal."""
    lines = [
        "| file | rows | reader | rows/s | peak memory | fangpin is | goal |",
        "| --- | ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for contest in contests:
        own = rows_a_second(found[contest.title]["fangpin"])
        for reader, runs in found[contest.title].items():
            speed, peak = rows_a_second(runs), median(one.peak_mb for one in runs)
            goal = contest.goals.get(reader)
            beside = "" if reader == "fangpin" else f"{own / speed:.2f} ×"
            aim = f"≥ {goal:.2f} ×" if goal else ""
            lines.append(
                f"| {contest.title} | {contest.rows:,} | {reader} | {speed:,.0f} | {peak:.0f} MB | {beside} | {aim} |"
            )
    return "\n".join(lines)


@click.command()
@click.option("--runs", type=click.IntRange(min=1), default=3, show_default=True, help="How often each is measured.")
@click.option("--date", "on", required=True, help="The day that the results are to bear, YYYY-MM-DD.")
@click.option("--only", help="Measure only the readers of this name, and write nothing.")
def main(runs: int, on: str, only: str | None) -> None:
    """Measure intake and its rivals on the same files and write the table of medians."""
    load = os.getloadavg()[0]
    found: dict[str, dict[str, list[Measured]]] = {}
    with tempfile.TemporaryDirectory(prefix="fangpin-bench-") as folder:
        home = Path(folder)
        for contest in CONTESTS:
            file, small = home / f"住院结算{contest.suffix}", home / f"小{contest.suffix}"
            make(file, contest.rows)
            make(small, SMALL)
            readers = [r for r in ("fangpin", *contest.goals) if not only or only == r]
            found[contest.title] = {reader: [] for reader in readers}
            for number in range(runs):  # in turn, so that a noisy minute is everybody's
                for reader in readers:
                    if reader in SLOW and number:
                        continue
                    python = str(OTHERS) if reader in SLOW else sys.executable
                    script = str(PROJECT / "benchmarks" / "readers.py")
                    done = run((python, script, reader, str(file), str(small), str(home)), home)
                    found[contest.title][reader].append(done)
                    speed = done.parts["rows"] / done.parts["seconds"]
                    told = f"{speed:,.0f} rows/s, {done.peak_mb:.0f} MB"
                    click.echo(f"{contest.title}: {reader}: run {number + 1} of {runs}: {told}", err=True)
    if only:
        return
    made = "\n\n".join(
        (
            table(found),
            f"Medians of {runs} runs (of dlt and pandas one) on {on}: {machine()}, load {load:.1f} when it began. Ten"
            " columns; one row in a hundred has a cell that is refused. `fangpin` is the whole of intake: recognised, read,"
            " typed, checked, pseudonyms, vault, archive, Parquet, return slip, ledger; the others only read (`dlt`:"
            " python-calamine or csv, then dictionaries into DuckDB). Start-up and imports are left out for all.",
        )
    )
    click.echo(made)
    publish("intake", "How fast files are taken in", made)


if __name__ == "__main__":
    main()
