"""The files of the sample county, month by month: who sends what, when, and what goes wrong on the way."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from pipelines.policy import Pack
from pipelines.settings import PROJECT
from pipelines.simulate.laws import Laws, SimulationError, read_yaml
from pipelines.simulate.observe import EXTRACTS, County
from pipelines.simulate.truth import truth_tables
from pipelines.simulate.write import Sheet, lay_out, write

if TYPE_CHECKING:
    from pipelines.intake.contract import Contract

FEWEST = 100  # households: with fewer, some month of some department would have nothing to report


@dataclass(frozen=True)
class Simulated:
    """What was written: the departments' files in the order of months, the corrections that come later."""

    files: list[Path]
    corrections: list[Path]


def simulate(
    out: Path,
    pack: Pack,
    contracts: Mapping[str, Contract],
    months: list[str],
    households: int | None = None,
    seed: int = 20171231,
    inputs: Path | None = None,
) -> Simulated:
    """Write the sample county's files of ``months``: out/<month>/<file>, out/corrections/<month>/<file>, out/truth/*.parquet.

    ``households`` is the number of registered households (None: the full county, whose totals are those of the clauses
    named in laws.yml); ``inputs`` the pack's folder of real inputs (None: the shipped one of the pack). The county lives
    through its whole calendar whatever months are asked for, so a month's bytes depend on the pack, the size and the seed
    only. Modification times say when a file was received. Raises SimulationError for a month outside the calendar, fewer
    than 100 households, or a pack without a clause that laws.yml names.
    """
    data, habits = read_yaml("laws.yml"), read_yaml("habits.yml")
    size = data["households"] if households is None else households
    if size < FEWEST:
        raise SimulationError(
            f"{size} households are too few to fill every department's files; ask for {FEWEST} or more"
        )
    laws = Laws(data, pack, size, seed)
    first = data["calendar"]["first"]
    if early := [m for m in months if laws.index(m) < laws.start]:
        raise SimulationError(f"{early[0]}: departments report from {first} on")
    county = County(laws)
    files, corrections = [], []
    for period in sorted(set(months)):
        for extract in EXTRACTS:
            path, correction = _send(out, county, contracts[extract], habits, period)
            files.append(path)
            corrections += [correction] if correction else []
        if period in habits["enclosed"]:
            files.append(_enclose(out, laws, habits["enclosed"][period], period, inputs))
    (out / "truth").mkdir(parents=True, exist_ok=True)
    for name, table in truth_tables(county, sorted(set(months))).items():
        table.write_parquet(out / "truth" / f"{name}.parquet", compression="zstd")
    return Simulated(files, corrections)


def _send(
    out: Path, county: County, contract: Contract, habits: Mapping[str, Any], period: str
) -> tuple[Path, Path | None]:
    """One department's file of one month, and its correction when it was wrong."""
    laws, extract, incidents = county.laws, contract.extract, habits["incidents"]
    habit = habits[extract]
    types = {column.name: column.type for column in contract.columns}
    frame = EXTRACTS[extract](county, laws.index(period))
    year, month = period.split("-")
    title = f"{laws.pack.title.zh}{contract.title.zh}（{year}年{int(month)}月）"
    name = f"{laws.pack.department_name(contract.department, period)}_{contract.title.zh}_{year}年{month}月"
    path = out / period / f"{name}{habit['suffix']}"
    encoding = habit.get("encoding", "utf-8")

    wrong = incidents["corrected"].get(extract, {}).get(period)
    correction = None
    if wrong:
        correction = out / "corrections" / period / f"{name}（更正）{habit['suffix']}"
        _deliver(correction, lay_out(habit, types, frame, title), encoding, wrong["received"])
        frame = _misplaced(laws, frame, types, wrong)
    sheet = lay_out(habit, types, frame, title)
    as_numbers = incidents["ids_as_numbers"].get(extract, {}).get(period, 0)
    if as_numbers:
        sheet = _numbers(laws, sheet, as_numbers)
    _deliver(path, sheet, encoding, _received(laws, extract, period, incidents["late"].get(extract, {}).get(period)))
    return path, correction


def _deliver(path: Path, sheet: Sheet, encoding: str, received: datetime) -> None:
    write(path, sheet, encoding)
    os.utime(path, (received.timestamp(), received.timestamp()))


def _received(laws: Laws, extract: str, period: str, late: int | None) -> datetime:
    """When a file comes: one to twelve days before it is due, or as many days after it as it is late."""
    rng = laws.rng("received", extract, period)
    days = late if late is not None else -int(rng.integers(1, 13))
    day = laws.pack.deadline(extract, period) + timedelta(days=days)
    return datetime(day.year, day.month, day.day, int(rng.integers(1, 10)), int(rng.integers(0, 60)), tzinfo=UTC)


def _misplaced(laws: Laws, frame: pl.DataFrame, types: Mapping[str, str], wrong: Mapping[str, Any]) -> pl.DataFrame:
    """The rows as first sent: in those with the largest bills all amounts have lost a digit.

    The last amount stays what the first leaves after the others, as the person who typed it would have it.
    """
    whole, *parts, own = [name for name, kind in types.items() if kind == "amount"]
    hit = frame[own].rank("ordinal", descending=True) <= laws.scaled(wrong["rows"])
    tenth = frame.with_columns([(pl.col(name) / 10).round(2) for name in (whole, *parts)])
    tenth = tenth.with_columns((pl.col(whole) - pl.sum_horizontal(parts)).round(2).alias(own))
    return frame.with_columns(
        [pl.when(hit).then(tenth[name]).otherwise(pl.col(name)).alias(name) for name in (whole, *parts, own)]
    )


def _numbers(laws: Laws, sheet: Sheet, n: int) -> Sheet:
    """The same sheet with ``n`` id numbers typed as numbers (those that end in X cannot be)."""
    if sheet.id_column is None:
        raise ValueError("no column of id numbers")
    typed = np.flatnonzero(~sheet.frame[:, sheet.id_column].str.ends_with("X").to_numpy())
    rows = laws.rng("ids as numbers").permutation(typed)[:n]
    return replace(sheet, numbers_at=frozenset(int(row) for row in rows))


def _enclose(out: Path, laws: Laws, enclosed: Mapping[str, str], period: str, inputs: Path | None) -> Path:
    source = (inputs or PROJECT / "policies" / laws.pack.name / "inputs") / enclosed["file"]
    path = out / period / source.name
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, path)
    received = _received(laws, enclosed["extract"], period, None).timestamp()
    os.utime(path, (received, received))
    return path
