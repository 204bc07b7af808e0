"""The files of the sample county, month by month: who sends what, when, and what goes wrong on the way."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from pipelines.intake.pseudonym import check_digit
from pipelines.policy import Pack
from pipelines.settings import PROJECT
from pipelines.simulate.laws import Laws, SimulationError, later, read_extracts, read_yaml
from pipelines.simulate.observe import County
from pipelines.simulate.tables import Tables
from pipelines.simulate.truth import truth_tables
from pipelines.simulate.write import Sheet, lay_out, write

if TYPE_CHECKING:
    from pipelines.intake.contract import Contract

SEED = 20171231
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
    seed: int = SEED,
    inputs: Path | None = None,
    extracts: Collection[str] | None = None,
    processes: int = 1,
) -> Simulated:
    """Write the sample county's files of ``months``: out/<month>/<file>, out/corrections/<month>/<file>, out/truth/*.parquet.

    ``households`` is the number of registered households (None: the full county, whose totals are those of the clauses
    named in laws.yml); ``inputs`` the pack's folder of real inputs (None: the shipped one of the pack); ``extracts`` which of
    the contracts are written (None: all that have a law file); ``processes`` share the months among them. The county lives
    through its whole calendar whatever months are asked for, so a month's bytes depend on the pack, the size and the seed
    only. Modification times say when a file was received. Raises SimulationError for a month outside the calendar, fewer
    than 100 households, or a pack without a clause that laws.yml names.
    """
    months = sorted(set(months))
    tables = settled(pack, contracts, households, seed)
    if early := [m for m in months if tables.laws.index(m) < tables.laws.start]:
        raise SimulationError(f"{early[0]}: departments report from {tables.laws['calendar']['first']} on")
    chosen = [name for name in tables.specs if name in (contracts if extracts is None else extracts)]
    own, *others = [months[i::processes] for i in range(processes)]
    with ProcessPoolExecutor(max(len(others), 1), mp_context=get_context("spawn")) as pool:
        shares = [
            pool.submit(_elsewhere, (pack, contracts, households, seed), out, share, chosen, inputs) for share in others
        ]
        made = [_send_months(tables, out, own, chosen, inputs), *(share.result() for share in shares)]
    (out / "truth").mkdir(parents=True, exist_ok=True)
    for name, table in truth_tables(tables.county, months).items():
        table.write_parquet(out / "truth" / f"{name}.parquet", compression="zstd")
    files, corrections = (
        sorted((path for each in made for path in getattr(each, kind)), key=lambda path: path.parent.name)
        for kind in ("files", "corrections")
    )
    return Simulated(files, corrections)


def _elsewhere(
    county: tuple[Pack, Mapping[str, Contract], int | None, int],
    out: Path,
    months: list[str],
    chosen: list[str],
    inputs: Path | None,
) -> Simulated:
    """Some of the months, in a process of their own."""
    return _send_months(settled(*county), out, months, chosen, inputs)


def _send_months(tables: Tables, out: Path, months: list[str], chosen: list[str], inputs: Path | None) -> Simulated:
    """The files of these months and extracts, in the order of months."""
    habits, files, corrections = read_yaml("habits.yml"), [], []
    for period in months:
        for contract, spec in [(tables.contracts[name], tables.specs[name]) for name in chosen]:
            if period in spec.get("enclosed", {}):
                files.append(_enclose(out, tables.laws, contract, spec["enclosed"][period], period, inputs))
            elif "enclosed" not in spec:
                sent = _send(out, tables, contract, spec, habits, period)
                files += [path for path, _ in sent]
                corrections += [correction for _, correction in sent if correction]
    return Simulated(files, corrections)


def settled(pack: Pack, contracts: Mapping[str, Contract], households: int | None = None, seed: int = SEED) -> Tables:
    """The tables of a county of that size, to be asked. Raises SimulationError for fewer than 100 households."""
    data, extracts = read_yaml("laws.yml"), read_extracts()
    if ahead := max(0, int(pack.plan.from_[:4]) - int(data["calendar"]["last"][:4])):
        data, extracts = later(data, ahead), later(extracts, ahead)
    size = data["households"] if households is None else households
    if size < FEWEST:
        raise SimulationError(
            f"{size} households are too few to fill every department's files; ask for {FEWEST} or more"
        )
    return Tables(County(Laws(data, pack, size, seed)), contracts, extracts)


def habit_of(
    contract: Contract, spec: Mapping[str, Any], habits: Mapping[str, Any], period: str, area: str = ""
) -> dict[str, Any]:
    """How an extract is written in a month: everybody's habits, the department's, the township's, the table's own, and what of it
    has drifted by then (``drift``: from a month on, other values; its ``headers`` beside those there are).
    """
    own = spec.get("habit", {})
    township = habits["own_ways"].get(area[-3:], {}) if contract.covers != "county" else {}
    habit: dict[str, Any] = habits["default"] | habits.get(contract.department, {}) | township | own
    for since in sorted(own.get("drift", {})):
        if since <= period:
            change = own["drift"][since]
            habit = habit | change | {"headers": habit.get("headers", {}) | change.get("headers", {})}
    return habit


def _send(
    out: Path, tables: Tables, contract: Contract, spec: Mapping[str, Any], habits: Mapping[str, Any], period: str
) -> list[tuple[Path, Path | None]]:
    """One month's files of an extract, each with its correction when it was wrong: one of the county, or one per township."""
    laws = tables.laws
    t = laws.index(period)
    if contract.months and laws.calendar_month(t) not in contract.months:
        return []
    frame = tables[contract.extract].frame(t)
    if contract.covers == "county" or tables.attributes.townships == [(laws.pack.area, laws.pack.title.zh)]:
        areas = [(laws.pack.area, laws.pack.title.zh, "", frame)]
    else:
        areas = [
            (code, laws.pack.title.zh + name, name, frame.filter(pl.col("_township") == code))
            for code, name in tables.attributes.townships
        ]
    sent = []
    for code, area, prefix, rows in areas:
        happened = {
            kind: when[period][code] if isinstance(when[period], dict) and contract.covers != "county" else when[period]
            for kind, when in spec.get("incidents", {}).items()
            if period in when and (contract.covers == "county" or code in when[period])
        }
        nil = contract.kind == "events" or (contract.kind == "snapshot" and contract.silence == "zero")
        if "missing" in happened or not (rows.height or nil):
            continue
        habit = habit_of(contract, spec, habits, period, code)
        year, month = period.split("-")
        title = f"{area}{contract.title.zh}（{year}年{int(month)}月）"
        sender = prefix or laws.pack.department_name(contract.department, period)
        path = out / period / f"{sender}_{contract.title.zh}_{year}年{month}月{habit['suffix']}"
        sent.append(_write(path, laws, contract, habit, rows.drop("_township"), title, happened, period, code))
    return sent


def _write(
    path: Path,
    laws: Laws,
    contract: Contract,
    habit: Mapping[str, Any],
    frame: pl.DataFrame,
    title: str,
    happened: Mapping[str, Any],
    period: str,
    area: str,
) -> tuple[Path, Path | None]:
    """One file with what went wrong in it (``incidents`` of the law file), and its correction."""
    columns, encoding, correction = contract.columns, habit.get("encoding", "utf-8"), None
    if wrong := happened.get("corrected"):
        correction = path.parent.parent / "corrections" / period / f"{path.stem}（更正）{path.suffix}"
        true = frame
        frame = _misplaced(laws, frame, wrong)
        if contract.corrected_by == "key":
            true = true.filter(
                pl.Series([a != b for a, b in zip(true.rows(), frame.rows(), strict=True)], dtype=pl.Boolean)
            )
        _deliver(correction, lay_out(habit, columns, true, title, laws.pack), encoding, wrong["received"])
    if "strangers" in happened:
        frame = _strangers(laws, contract, frame, happened["strangers"])
    sheet = lay_out(habit, columns, frame, title, laws.pack)
    if "ids_as_numbers" in happened:
        sheet = _numbers(laws, sheet, happened["ids_as_numbers"], path.suffix)
    if "header_lost" in happened:  # the header of a column was deleted: the file will be refused
        lost = next(c.name for c in columns if c.name == happened["header_lost"])
        headers = [
            "" if name == lost else header for name, header in zip(sheet.frame.columns, sheet.headers, strict=True)
        ]
        sheet = replace(sheet, headers=headers)
    if "stacked" in happened and frame.height > 1:
        sheet = replace(sheet, again=frame.height // 2)
    if "hidden_rows" in happened:
        hidden = laws.rng("hidden", contract.extract, period).permutation(frame.height)[: happened["hidden_rows"]]
        sheet = replace(sheet, hidden=frozenset(int(row) for row in hidden))
    _deliver(path, sheet, encoding, _received(laws, contract, period, happened.get("late"), area))
    return path, correction


def _deliver(path: Path, sheet: Sheet, encoding: str, received: datetime) -> None:
    write(path, sheet, encoding)
    os.utime(path, (received.timestamp(), received.timestamp()))


def _received(laws: Laws, contract: Contract, period: str, late: int | None, area: str = "") -> datetime:
    """When a file comes: one to twelve days before it is due, or as many days after it as it is late."""
    purpose = (contract.extract, period) if area in ("", laws.pack.area) else (contract.extract, period, area)
    rng = laws.rng("received", *purpose)
    days = late if late is not None else -int(rng.integers(1, 13))
    day = laws.pack.deadline(contract.extract, period) + timedelta(days=days)
    return datetime(day.year, day.month, day.day, int(rng.integers(1, 10)), int(rng.integers(0, 60)), tzinfo=UTC)


def _misplaced(laws: Laws, frame: pl.DataFrame, wrong: Mapping[str, Any]) -> pl.DataFrame:
    """The rows as first sent: in those with the largest last one of its ``amounts`` all of these have lost a digit.

    The last amount stays what the first leaves after the others, as the person who typed it would have it; with a
    ``column`` named, only that one is wrong.
    """
    if "column" in wrong:
        whole, parts, own = wrong["column"], [], wrong["column"]
    else:
        whole, *parts, own = wrong["amounts"]
    hit = frame[own].rank("ordinal", descending=True) <= laws.scaled(wrong["rows"])
    tenth = frame.with_columns([(pl.col(name) / 10).round(2) for name in (whole, *parts)])
    if parts:
        tenth = tenth.with_columns((pl.col(whole) - pl.sum_horizontal(parts)).round(2).alias(own))
    return frame.with_columns(
        [
            pl.when(hit).then(tenth[name]).otherwise(pl.col(name)).alias(name)
            for name in {whole: 0, **dict.fromkeys(parts), own: 0}
        ]
    )


def _strangers(laws: Laws, contract: Contract, frame: pl.DataFrame, n: int) -> pl.DataFrame:
    """The rows with ``n`` id numbers that are well-formed and nobody's: a digit of the sequence was typed wrong, and it fits."""
    (column,) = (c.name for c in contract.columns if c.type == "id_number")
    ids = frame[column].to_list()
    for row in laws.rng("strangers", contract.extract).permutation(len(ids))[:n]:
        stem = f"{ids[row][:14]}7{ids[row][15:17]}"  # no sequence of the sample county begins with 7
        ids[row] = stem + check_digit(stem)
    return frame.with_columns(pl.Series(column, ids))


def _numbers(laws: Laws, sheet: Sheet, n: int, suffix: str) -> Sheet:
    """The same sheet with ``n`` id numbers typed as numbers (those that end in X cannot be).

    A workbook keeps them as numbers; in a .csv stands what Excel shows of them (5.32822E+17).
    """
    if sheet.id_column is None:
        raise ValueError("no column of id numbers")
    ids = sheet.frame[:, sheet.id_column]
    typed = np.flatnonzero(~ids.str.ends_with("X").to_numpy())
    rows = frozenset(int(row) for row in laws.rng("ids as numbers").permutation(typed)[:n])
    if suffix != ".csv":
        return replace(sheet, numbers_at=rows)
    shown = [f"{float(v):.5E}" if i in rows else v for i, v in enumerate(ids)]
    return replace(sheet, frame=sheet.frame.with_columns(pl.Series(ids.name, shown)))


def _enclose(out: Path, laws: Laws, contract: Contract, file: str, period: str, inputs: Path | None) -> Path:
    source = (inputs or PROJECT / "policies" / laws.pack.name / "inputs") / file
    path = out / period / source.name
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, path)
    received = _received(laws, contract, period, None).timestamp()
    os.utime(path, (received, received))
    return path
