"""Bad input in bulk: thousands of made-up workbooks and CSVs through intake, and what became of them.

``make fuzz`` runs it and writes benchmarks/results/fuzz.md and the same table into the README. Inputs are made from seed and
number alone, so any of them can be made again (``--only NUMBER``). Each run is a child process: one that dies, hangs or grows
too large is a failure of the input that it was at, and the next child goes on behind it.
"""

from __future__ import annotations

import csv
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any, Literal

import click

from benchmarks.report import machine, publish
from pipelines.intake import workbook
from pipelines.intake.check import check
from pipelines.intake.contract import Column, Contract, load_contracts
from pipelines.intake.divisions import Divisions
from pipelines.intake.ledger import Ledger
from pipelines.intake.pseudonym import Pseudonyms, check_digit
from pipelines.intake.reader import Unreadable, read_table
from pipelines.intake.receive import take_in
from pipelines.intake.slips import slips_of, to_mend
from pipelines.intake.table import SEARCHED, Headers
from pipelines.intake.types import Reading
from pipelines.policy import Pack, load_pack
from pipelines.settings import PROJECT, Settings

PERIOD = "2020-03"
SLOW_SECONDS = 10
HANG_SECONDS = 120  # then the child is ended
LARGE_MB = 1024
TAKEN_IN_EVERY = 20  # every so many inputs go the whole way, with archive, raw rows, ledger and slip

Grid = list[list[Any]]
Named = tuple[str, bytes]

NASTY = (
    "=cmd|'/C calc'!A0", "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "../../../etc/passwd", "C:\\x", "\x01\x02\x1f", "\u202e倒", "\ufffe",
    "𠮷" * 5, "#REF!",
    "#DIV/0!", "1e999", "-0", "9" * 400, "１２３", "2020.1", "(5", "nan", "inf", "TRUE", "\ufeff", "甲\n乙", '"', "，",
    "——",
    "/", "无", "不详", "合计", "小计：", "一、甲", "备注：无", "单位：万元", "填表人：甲", "本月无数据", "<a>&amp;",
    "{0}", "%s", "' or 1=1 --", "\r", "　", "()",
    "5328221990010112", "532822199001011234", "5.32822199001011e+17", "20200231", "2020-02-30", "0000-00-00", "99999999999999999999",
)  # fmt: skip
NAMES = (
    "表.csv", "表.xlsx", "表.xls", "..%2f..%2fetc%2fpasswd.csv", "=cmd.xlsx", "a" * 200 + ".csv", "2020年13月.xls", "表\n2.csv", "CON.xlsx",
    "表.csv.exe", "无后缀", "\u202exslx.表", "2020-02 表.csv", "'; drop table.csv",
)  # fmt: skip
SHEETS = ("Sheet1", "..", "history2", "表'1", "=1", "\u202e", "a" * 31, "退回通知", "../x".replace("/", "_"))


@dataclass(frozen=True)
class Tools:
    """What inputs are made of and held against."""

    pack: Pack
    contracts: dict[str, Contract]
    headers: Headers
    reading: Reading


@lru_cache(1)
def tools() -> Tools:
    """The shipped contracts, and the policy pack of Menghai."""
    pack, contracts = load_pack(PROJECT / "policies" / "menghai"), load_contracts()
    return Tools(pack, contracts, Headers(contracts), Reading(pack, Divisions(pack.areas), Pseudonyms(b"fuzz")))


def cell(rng: Random, column: Column, nasty: float, place: tuple[str, str]) -> Any:
    """A cell as a department would write it, or something nasty; ``place`` is the row's township and village."""
    if rng.random() < nasty:
        return rng.choice(NASTY)
    number = rng.randrange(10**6)
    match column.type:
        case "id_number":
            digits = f"5328221990{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}{rng.randint(0, 999):03d}"
            return digits + check_digit(digits)
        case "household_no":
            return f"53282200{number:06d}"
        case "person_name":
            return f"测试{number}"
        case "code":
            return rng.choice([word for code in tools().pack.codes[str(column.codes)].values() for word in code.zh])
        case "integer":
            if column.unit == "year":
                return 2018
            return rng.choice([1 + number % 9, str(1 + number % 9), f"{1 + number % 9}.0"])
        case "decimal" | "amount":
            return rng.choice(
                [number / 100, f"{number / 100:,.2f}", f"（{number}）", f"{number / 1e4}万元", f"{number % 100}%"]
            )
        case "date" | "month":
            y, m, d = rng.randint(2015, 2020), rng.randint(1, 12), rng.randint(1, 28)
            return rng.choice(
                [f"{y}-{m:02d}-{d:02d}", f"{y}.{m}.{d}", f"{y}年{m}月", 43000 + number % 900, f"{y}{m:02d}{d:02d}"]
            )
        case "yes_no":
            return rng.choice("是否有无√×")
        case "township" | "village":
            return place[column.type == "village"]
        case _:
            return f"文字{number}"


def table(rng: Random, contract: Contract, rows: int) -> Grid:
    """Header (of one or two levels) and rows of an extract."""
    columns = [c for c in contract.columns if c.required or rng.random() < 0.8]
    if rng.random() < 0.2:
        rng.shuffle(columns)
    paths = [rng.choice(c.headers).split("/") for c in columns]
    levels = max(map(len, paths))
    header = [[path[level] if level < len(path) else "" for path in paths] for level in range(levels)]
    nasty = rng.choice([0, 0, 0.003, 0.03])
    areas = {area.code: area for area in tools().pack.areas}
    villages = [(areas[a.parent].name, a.name) for a in areas.values() if a.level == "village"]
    return [*header, *([cell(rng, c, nasty, place) for c in columns] for place in rng.choices(villages, k=rows))]


def sheet(rng: Random) -> Grid:
    """Rows of a sheet with a table or two and the habits of departments around and inside them."""
    grid: Grid = []
    for _ in range(rng.choice([1, 1, 1, 1, 2, 3])):
        contract = rng.choice(list(tools().contracts.values()))
        part = table(rng, contract, rng.randint(0, 25))
        for _ in range(rng.choice([0, 0, 0, 1, 3])):
            odd: Grid = [
                [],
                [rng.choice(NASTY)],
                ["合计", "", 3],
                ["一、甲"],
                part[0],
                [rng.choice(NASTY) for _ in range(6)],
            ]
            part.insert(rng.randint(0, len(part)), rng.choice(odd))
        above: Grid = [
            [contract.title.zh],
            ["填报单位：甲", "", "单位：万元"],
            [f"统计月份：{rng.choice(['2020-03', '2020-03', '2020-02', '13'])}"],
            [],
        ]
        below: Grid = [["合计", "", "", 9], ["注：甲"], ["填表人：甲", "", "审核人：乙"], []]
        grid += rng.sample(above, rng.randint(0, 3)) + part + rng.sample(below, rng.randint(0, 3))
    return grid


def as_csv(rng: Random, grid: Grid) -> bytes:
    """A sheet as CSV in some encoding, with some delimiter."""
    text = io.StringIO(newline="")
    quoting: Literal[0, 1] = csv.QUOTE_ALL if rng.random() < 0.5 else csv.QUOTE_MINIMAL
    csv.writer(
        text, delimiter=rng.choice(",,,\t;"), quoting=quoting, lineterminator=rng.choice(["\n", "\r\n"])
    ).writerows(grid)
    return text.getvalue().encode(rng.choice(["utf-8", "utf-8-sig", "gb18030", "utf-16"]), "replace")


def as_xlsx(rng: Random, grids: Sequence[Grid], more: Callable[[Any, Any], object] = lambda book, page: None) -> bytes:
    """Sheets as .xlsx; ``more`` adds to the last one."""
    import xlsxwriter

    data = io.BytesIO()
    book = xlsxwriter.Workbook(
        data, {"in_memory": True, "strings_to_formulas": rng.random() < 0.5, "strings_to_urls": False}
    )
    for number, grid in enumerate(grids):
        page = book.add_worksheet(f"{number}{''.join(c for c in rng.choice(SHEETS) if c not in chr(39))}"[:31])
        for r, row in enumerate(grid):
            for c, value in enumerate(row):
                page.write(r, c, value)
        if rng.random() < 0.2:
            page.merge_range(0, 0, rng.randint(0, 3), rng.randint(1, 5), "题")
        if rng.random() < 0.1:
            page.hide() if number else page.set_row(3, None, None, {"hidden": True})
    more(book, page)
    book.close()
    return data.getvalue()


def as_xls(rng: Random, grids: Sequence[Grid]) -> bytes:
    """Sheets as .xls."""
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    for number, grid in enumerate(grids):
        page = book.add_sheet(f"{number}表")
        for r, row in enumerate(grid):
            for c, value in enumerate(row):
                page.write(r, c, value)
        if rng.random() < 0.2:
            page.merge(0, rng.randint(0, 3), 40, 45)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def any_file(rng: Random) -> bytes:
    """A whole file of one of the three formats."""
    grids = [sheet(rng) for _ in range(rng.choice([1, 1, 2]))]
    match rng.randrange(3):
        case 0:
            return as_csv(rng, grids[0])
        case 1:
            return as_xlsx(rng, grids)
        case _:
            return as_xls(rng, grids)


def cut(rng: Random) -> bytes:
    """A file without its end, its beginning or its middle."""
    data = any_file(rng)
    first, last = sorted(rng.choices(range(len(data)), k=2))
    return rng.choice([data[:first], data[:first] + data[last:], data[last:]])


def flipped(rng: Random) -> bytes:
    """A file with some bytes changed."""
    data = bytearray(any_file(rng))
    for _ in range(rng.choice([1, 3, 30, 300])):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


def part_changed(rng: Random, change: Callable[[str, bytes], bytes]) -> bytes:
    """An .xlsx whose parts went through ``change``, zipped again so that only the parts are wrong."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(as_xlsx(rng, [sheet(rng)]))) as parts,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as whole,
    ):
        for name in parts.namelist():
            whole.writestr(name, change(name, parts.read(name)))
    return out.getvalue()


def parts_flipped(rng: Random) -> bytes:
    """An .xlsx whose checksums are right, with some bytes changed inside."""

    def change(name: str, text: bytes) -> bytes:
        changed = bytearray(text)
        for _ in range(rng.choice([0, 1, 5])):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        return bytes(changed)

    return part_changed(rng, change)


def bomb(rng: Random) -> bytes:
    """Much out of little: blanks, rows, one text that is used for ever, entities within entities."""
    kind, times = rng.randrange(4), rng.choice([1, 8, 40])

    def change(name: str, text: bytes) -> bytes:
        if kind == 0 and name.endswith("sheet1.xml"):
            return text.replace(b"</sheetData>", b" " * (times << 20) + b"</sheetData>")
        if kind == 1 and name.endswith("sheet1.xml"):
            return text.replace(b"</sheetData>", b'<row><c t="s"><v>0</v></c></row>' * (times << 14) + b"</sheetData>")
        if kind == 2 and name.endswith("sharedStrings.xml"):
            return text.replace(b"</t>", b"x" * (times << 20) + b"</t>", 1)
        if kind == 3 and name.endswith("sharedStrings.xml"):
            entities = "".join(f'<!ENTITY l{i + 1} "{f"&l{i};" * 10}">' for i in range(9))
            return f'<!DOCTYPE x [<!ENTITY l0 "lol">{entities}]>'.encode() + text.replace(b"</t>", b"&l9;</t>", 1)
        return text

    return part_changed(rng, change)


def ranges(rng: Random) -> bytes:
    """Deep and wide used ranges: a cell in a far corner, merged ranges over everything, places that no sheet has."""
    corner = rng.choice(["XFD1048576", "XFD1", "A1048576", "A65534", "XFA9", "ZZZZ99999999", "A0", "1A", "XFD65534"])

    def change(name: str, text: bytes) -> bytes:
        if not name.endswith("sheet1.xml"):
            return text
        row = "".join(c for c in corner if c.isdigit())
        return text.replace(b"</sheetData>", f'<row r="{row}"><c r="{corner}"><v>1</v></c></row></sheetData>'.encode())

    return part_changed(rng, change)


def merged(rng: Random) -> bytes:
    """Merged ranges over everything, over each other, turned round."""
    spans = rng.choice(
        [["A1:XFD1048576"], ["A1:Z99", "B2:Y50"], ["C3:A1"], ["A1:A1"] * 50, [f"A{i}:Z{i}" for i in range(1, 60)]]
    )
    listed = f"<mergeCells>{''.join(f'<mergeCell ref={chr(34)}{s}{chr(34)}/>' for s in spans)}</mergeCells>".encode()
    return part_changed(
        rng, lambda name, text: text.replace(b"</sheetData>", b"</sheetData>" + listed) if "sheet1" in name else text
    )


def formulas(rng: Random) -> bytes:
    """Formulas without values, errors, percentages, ids and days as numbers over a sheet."""

    def more(book: Any, page: Any) -> None:
        percent = book.add_format({"num_format": "0.00%"})
        for _ in range(rng.randint(1, 60)):
            r, c = rng.randint(0, 40), rng.randint(0, 12)
            match rng.randrange(4):
                case 0:
                    page.write_formula(r, c, "=A1+1", None, "")
                case 1:
                    page.write_formula(r, c, "=1/0", None, rng.choice(["#DIV/0!", "#N/A", "#REF!"]))
                case 2:
                    page.write_number(r, c, rng.random(), percent)
                case _:
                    page.write_number(r, c, rng.choice([532822199001011234, 43895.5, -1e300, 1e-300]))

    return as_xlsx(rng, [sheet(rng)], more)


def long_cells(rng: Random) -> bytes:
    """Cells of up to ten megabytes, lines of a million delimiters."""
    grid, size = sheet(rng) or [[]], rng.choice([10_000, 200_000, 10_000_000])
    text = rng.choice(["甲", "1", "1,", "(", "单位：", "5", "=", "/", "2020年", " "])
    row = grid[rng.randrange(len(grid))]
    row.insert(rng.randint(0, len(row)), text * (size // len(text)))
    plain = rng.random() < 0.5
    return "\n".join(",".join(map(str, r)) for r in grid).encode() if plain else as_csv(rng, grid)


def noise(rng: Random) -> bytes:
    """Bytes of no file, some with the first bytes of one."""
    letters = rng.choice(
        [range(256), range(32, 127), [9, 10, 13, 34, 44, 0x4E, 0xBA, 0x3D], [0xD0, 0xCF, 0x11, 0xE0, 0x50, 0x4B]]
    )
    head = rng.choice([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe", b"%PDF", b"<html>"])
    return head + bytes(rng.choices(list(letters), k=rng.choice([0, 1, 50, 5_000])))


def cells(rng: Random) -> bytes:
    """Control characters, formulas of other programs, ways to other files in a third of all cells."""
    grid = [[rng.choice(NASTY) if rng.random() < 0.3 else value for value in row] for row in sheet(rng)]
    return as_csv(rng, grid) if rng.random() < 0.5 else as_xlsx(rng, [grid])


# What is made, how often it comes among a hundred, and how
KINDS: dict[str, tuple[int, Callable[[Random], bytes]]] = {
    "whole files, tables stacked and broken": (26, any_file),
    "bytes cut out": (14, cut),
    "bytes changed": (14, flipped),
    "bytes changed inside a workbook's parts": (8, parts_flipped),
    "control characters, formulas, paths in cells": (14, cells),
    "formulas without values, errors, numbers for text": (10, formulas),
    "everything merged": (5, merged),
    "used ranges deep and wide": (3, ranges),
    "cells of up to 10 MB": (1, long_cells),
    "zip and entity bombs": (1, bomb),
    "noise": (4, noise),
}


def made(seed: int, number: int) -> tuple[str, str, bytes]:
    """Kind, file name and bytes of an input. Names tell format and extract right as often as not."""
    rng = Random(f"{seed}/{number}")
    kind = rng.choices(list(KINDS), [weight for weight, _ in KINDS.values()])[0]
    word = rng.choice([w for c in tools().contracts.values() for w in c.recognise])
    return kind, rng.choice(["", word]) + rng.choice(NAMES), KINDS[kind][1](rng)


@dataclass
class Outcome:
    """What became of one input: accepted, refused, or both for two extracts in it; what is wrong with its rows, if anything."""

    kind: str
    state: str
    rows: int
    faults: list[str] = field(default_factory=list)


def held(kind: str, name: str, data: bytes) -> Outcome:
    """An input against the contract that it seems to follow."""
    t = tools()
    try:
        sheets = read_table(data, name, rows=SEARCHED)
    except Unreadable:
        sheets = []
    extracts = t.headers.recognise(sheets, name)
    outcome = Outcome(kind, "refused", 0)
    for extract in extracts or (None,):
        checked = check(data, name, PERIOD, t.contracts[extract] if extract else None, t.headers, t.reading)
        outcome.rows = checked.sheet_rows
        outcome.state = outcome.state if checked.refused else "accepted"
        kept = [
            (s, r)
            for f in (checked.accepted, checked.quarantined)
            if f.height
            for s, r in f.select("_sheet", "_row").rows()
        ]
        wrong = {
            "rows of the file that are neither data nor skipped": checked.sheet_rows
            != checked.data_rows + sum(checked.skipped.values()),
            "rows of an accepted file that are neither accepted nor quarantined": not checked.refused
            and len(kept) != checked.data_rows,
            "rows twice": len(set(kept)) < len(kept),
            "refused without a word": checked.refused and not any(f.severity == "error" for f in checked.findings),
            "a finding without remedy": not all(f.message and f.remedy for f in checked.findings),
        }
        outcome.faults += [words for words, so in wrong.items() if so]
    return outcome


def taken(kind: str, name: str, data: bytes) -> Outcome:
    """An input as a file that landed, all the way to ledger and slip."""
    t = tools()
    outcome = Outcome(kind, "refused", 0)
    with tempfile.TemporaryDirectory(prefix="fangpin-fuzz-") as home:
        settings = Settings(home=Path(home))
        path = settings.landing / PERIOD / name.replace("/", "_").lstrip(".~$")[-80:]
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
        for submission in take_in(settings, t.pack, t.contracts, [PERIOD]):
            outcome.rows = submission.rows_sheet
            outcome.state = submission.state if submission.state == "accepted" else outcome.state
            counted = submission.rows_accepted + submission.rows_quarantined + submission.rows_skipped
            with Ledger(settings.ledger) as ledger:
                findings = ledger.findings(submission=submission.number)
            slip = slips_of(settings.slips, PERIOD).get(submission.number)
            wrong = {
                "rows that the ledger does not account for": counted != submission.rows_sheet,
                "something to mend without a slip": to_mend(findings) != (slip is not None),
                "a slip that cannot be read": slip is not None and not read_table(slip.read_bytes(), slip.name),
            }
            outcome.faults += [words for words, so in wrong.items() if so]
    return outcome


def peak_mb() -> float:
    """The most memory that this process or a reader of workbooks that it started has had."""
    # RUSAGE_SELF would not do: it keeps what the process that started this one had
    ended = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return max(ended, *map(_high_water, (os.getpid(), *workbook.reader_pids()))) / 1024


def _high_water(pid: int) -> int:
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def child(seed: int, first: int, last: int) -> None:
    """Run inputs one after the other; say each on a line before and after."""
    tools()
    for number in range(first, last):
        kind, name, data = made(seed, number)
        click.echo(json.dumps([number, kind]))
        begun = perf_counter()
        outcome = (held if number % TAKEN_IN_EVERY else taken)(kind, name, data)
        done = (outcome.state, outcome.rows, outcome.faults, perf_counter() - begun, peak_mb())
        click.echo(json.dumps([number, kind, *done]))


@dataclass
class Tally:
    """What became of all inputs. ``failures`` are number, kind and what happened."""

    states: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: int = 0
    slowest: float = 0.0
    peak: float = 0.0
    failures: list[tuple[int, str, str]] = field(default_factory=list)

    def add(
        self, number: int, kind: str, state: str, rows: int, faults: list[str], seconds: float, peak: float
    ) -> None:
        """Count an input that was gone through."""
        self.states[kind, state] += 1
        self.rows += rows
        if peak > LARGE_MB >= self.peak:
            faults = [*faults, f"memory over {LARGE_MB} MB"]
        if seconds > SLOW_SECONDS:
            faults = [*faults, f"over {SLOW_SECONDS} s"]
        self.slowest, self.peak = max(self.slowest, seconds), max(self.peak, peak)
        self.failures += [(number, kind, fault) for fault in faults]


def run(seed: int, first: int, last: int, progress: Callable[[int], None] = lambda number: None) -> Tally:
    """Go through the inputs first to last (not included) in child processes; a death or a hang costs one input, no more."""
    tally = Tally()
    while first < last:
        command = [sys.executable, "-m", "benchmarks.fuzz", "--seed", str(seed), "--child", str(first), str(last)]
        process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout and process.stderr
        said: list[str] = []
        reader = threading.Thread(target=lambda stderr, said: said.extend(stderr), args=(process.stderr, said))
        reader.start()
        at = first, "the start"
        patience = threading.Timer(HANG_SECONDS, process.kill)
        patience.start()
        for line in process.stdout:
            patience.cancel()
            told = json.loads(line)
            at = told[0], told[1]
            if len(told) > 2:
                tally.add(*told)
                first = told[0] + 1
                progress(first)
            patience = threading.Timer(HANG_SECONDS, process.kill)
            patience.start()
        patience.cancel()
        reader.join()
        if process.wait():
            tally.failures.append((*at, f"ended with {process.returncode}: {''.join(said[-1:]).strip()[:200]}"))
            first = at[0] + 1
    return tally


def report(tally: Tally, seed: int, on: str) -> str:
    """The counts as Markdown."""
    lines = ["| what was sent in | inputs | accepted | refused | failures |", "| --- | ---: | ---: | ---: | ---: |"]
    failed = Counter(kind for _, kind, _ in tally.failures)
    for kind in KINDS:
        accepted, refused = tally.states[kind, "accepted"], tally.states[kind, "refused"]
        lines.append(f"| {kind} | {accepted + refused:,} | {accepted:,} | {refused:,} | {failed[kind]} |")
    total, accepted = tally.states.total(), sum(n for (_, state), n in tally.states.items() if state == "accepted")
    lines.append(f"| **all** | **{total:,}** | {accepted:,} | {total - accepted:,} | **{len(tally.failures)}** |")
    told = "\n".join(f"- input {number} ({kind}): {what}" for number, kind, what in tally.failures)
    return "\n\n".join(
        filter(
            None,
            (
                "\n".join(lines),
                told,
                f"Failures are crashes, more than {SLOW_SECONDS} s, more than {LARGE_MB} MB, or a row of {tally.rows:,} not accounted for."
                f" The slowest input took {tally.slowest:.1f} s, the largest process {tally.peak:.0f} MB."
                f" One in {TAKEN_IN_EVERY} went all the way to ledger and slip. Seed {seed}, {on}, {machine()}.",
            ),
        )
    )


@click.command()
@click.option("--inputs", type=click.IntRange(min=1), default=10_000, show_default=True, help="How many.")
@click.option("--seed", type=int, default=2020, show_default=True)
@click.option(
    "--date", "on", default="", help="The day that the results are to bear, YYYY-MM-DD; without it none are written."
)
@click.option("--only", type=int, help="Make and hold this input alone, in this process.")
@click.option("--child", "part", type=int, nargs=2, hidden=True)
def main(inputs: int, seed: int, on: str, only: int | None, part: tuple[int, int] | None) -> None:
    """Send bad input through intake and count what became of it; fails when anything crashed, hung, grew or lost a row."""
    if part:
        child(seed, *part)
        return
    if only is not None:
        kind, name, data = made(seed, only)
        click.echo(f"{kind}, {name!r}, {len(data):,} bytes")
        click.echo((held if only % TAKEN_IN_EVERY else taken)(kind, name, data))
        return
    tally = run(seed, 0, inputs, lambda done: click.echo(f"{done} of {inputs}", err=True) if done % 500 == 0 else None)
    text = report(tally, seed, on or "not dated")
    click.echo(text)
    if on:
        publish("fuzz", "Bad input", text)
    sys.exit(bool(tally.failures))


if __name__ == "__main__":
    main()
