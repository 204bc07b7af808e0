"""How a department's file looks: title, header of one or two levels, rows, total, footer; as .csv, .xlsx or .xls.

The habits are data (habits.yml by department, ``habit`` in extracts/*.yml); nothing here knows any one extract.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from pipelines.policy import Pack

if TYPE_CHECKING:
    from pipelines.intake.contract import Column

CREATED = datetime(2018, 1, 1)  # written into every workbook, so that the same rows give the same bytes
WAN = 10_000  # 万
NUMBERING = "序号"
NOTHING = "本月无数据"


@dataclass(frozen=True)
class Sheet:
    """What stands on a sheet: ``above`` (lines over the header), ``headers`` ('/' joins two levels), rows, ``below``.

    ``frame`` holds text, numbers and dates as they are to be typed; ``merged_down`` is the position of a column whose
    equal neighbours are merged, ``numbers_at`` rows whose id number (column ``id_column``) is typed as a number, ``hidden``
    rows that nobody sees, ``again`` the row before which the header stands once more.
    """

    above: Sequence[str]
    headers: Sequence[str]
    frame: pl.DataFrame
    below: Sequence[Sequence[Any]]
    merged_down: int | None = None
    id_column: int | None = None
    numbers_at: frozenset[int] = frozenset()
    hidden: frozenset[int] = frozenset()
    again: int | None = None


def lay_out(habit: Mapping[str, Any], columns: Sequence[Column], frame: pl.DataFrame, title: str, pack: Pack) -> Sheet:
    """The rows of an extract (columns of its contract, in order) as its department types them.

    ``habit``: title (a line above), unit (a line above; 万元 divides amounts), blank (an empty line above), headers (column →
    header, where it is not the contract's first), without (columns left out), dates and months (strftime styles; dates: real
    for Excel's own), villages (what stands for 村民委员会, 社区居民委员会), answers (the words for yes and no), words (column → which
    of the pack's words, from 1), missing (the word for nothing), number_rows (a first column 序号), totals (columns added up
    in a last row), merged_down (column), footer. Raises ValueError for a column or header that the contract does not have.
    """
    written = [c for c in columns if c.name in frame.columns and c.name not in habit.get("without", [])]
    headers = {c.name: c.headers[0] for c in written} | {
        name: header for name, header in habit.get("headers", {}).items() if name in {c.name for c in written}
    }
    strange = [f"{c.name}: {headers[c.name]}" for c in written if headers[c.name] not in c.headers]
    strange += sorted(set(habit.get("headers", {})) - {c.name for c in columns})
    if strange:
        raise ValueError(f"{title}: the contract has no {', '.join(strange)}")
    amounts = {c.name: _unit(headers[c.name], habit) for c in written if c.type == "amount"}
    in_cents = frame.select(
        (pl.col(c.name) * 100).round().cast(pl.Int64) if c.type == "amount" else pl.col(c.name) for c in written
    )
    typed = in_cents.select(_as_typed(column, habit, pack, amounts) for column in written)
    total = _total(habit, in_cents, amounts) if typed.height else []
    names = list(typed.columns)
    if habit.get("number_rows"):
        typed.insert_column(0, pl.Series(NUMBERING, range(1, typed.height + 1), dtype=pl.Int64))
        headers = {NUMBERING: NUMBERING} | headers
        total = total and [total[0], *[None if i == 0 else value for i, value in enumerate(total)]]
    merged = habit.get("merged_down")
    ids = [i for i, c in enumerate(written) if c.type == "id_number"]
    shift = typed.width - len(names)
    above = [title] if habit.get("title") else []
    above += [habit["unit"]] if habit.get("unit") and amounts else []
    above += [""] if habit.get("blank") else []
    below = [total] if total else [] if typed.height else [[NOTHING]]
    below += [[habit["footer"]]] if habit.get("footer") else []
    return Sheet(
        above=above,
        headers=[headers[name] for name in typed.columns],
        frame=typed,
        below=below,
        merged_down=None if merged is None else typed.columns.index(merged),
        id_column=ids[0] + shift if ids else None,
    )


def _unit(header: str, habit: Mapping[str, Any]) -> tuple[int, int]:
    """Cents to what a column of amounts is written in, and its decimals: the header's own unit goes before that of the sheet."""
    said = header if "元" in header else habit.get("unit", "")
    return (100 * WAN, 6) if "万元" in said else (100, 2)


def _as_typed(column: Column, habit: Mapping[str, Any], pack: Pack, amounts: Mapping[str, tuple[int, int]]) -> pl.Expr:
    """A column the way it is typed."""
    name = column.name
    values = pl.col(name)
    match column.type:
        case "amount":
            per, places = amounts[name]
            return (values / per).round(places)
        case "integer" | "decimal":
            return values
        case "yes_no":
            yes, no = habit.get("answers", ["是", "否"])
            values = pl.when(values).then(pl.lit(yes)).when(~values).then(pl.lit(no)).alias(name)
        case "date":
            if habit["dates"] == "real":
                return values
            values = values.dt.strftime(habit["dates"])
        case "month":
            values = values.dt.strftime(habit.get("months", "%Y-%m"))
        case "village":
            committee, community = habit.get("villages", ["村民委员会", "社区居民委员会"])
            values = values.str.replace("村民委员会$", committee).str.replace("社区居民委员会$", community)
        case "code" if name in habit.get("words", {}):
            at = habit["words"][name] - 1
            words = {code.zh[0]: code.zh[min(at, len(code.zh) - 1)] for code in pack.codes[str(column.codes)].values()}
            values = values.replace(words)
    return values.fill_null(pl.lit(habit["missing"])) if "missing" in habit else values


def _total(habit: Mapping[str, Any], frame: pl.DataFrame, amounts: Mapping[str, tuple[int, int]]) -> list[Any]:
    if not habit.get("totals"):
        return []
    sums: dict[str, Any] = {name: frame[name].sum() for name in habit["totals"] if name in frame.columns}
    for name, (per, places) in amounts.items():
        if name in sums:
            sums[name] = float(round(Decimal(sums[name]) / per, places))
    return ["合计", *(sums.get(name) for name in frame.columns[1:])]


def write(path: Path, sheet: Sheet, encoding: str = "utf-8") -> None:
    """The file, in the format that the path's suffix names; the same sheet gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    {".csv": _csv, ".xlsx": _xlsx, ".xls": _xls}[path.suffix](path, sheet, encoding)


def _csv(path: Path, sheet: Sheet, encoding: str) -> None:
    width = len(sheet.headers)

    def lines(rows: Sequence[Sequence[Any]]) -> str:
        text = io.StringIO()
        csv.writer(text).writerows([*row, *[""] * (width - len(row))] for row in rows)
        return text.getvalue()

    def body(frame: pl.DataFrame) -> str:
        return frame.write_csv(include_header=False, line_terminator="\r\n", float_precision=2)

    header, cut = lines([sheet.headers]), sheet.again or 0
    text = lines([[line] for line in sheet.above]) + header
    text += body(sheet.frame[:cut]) + header if cut else ""
    text += body(sheet.frame[cut:]) + lines(sheet.below)
    path.write_bytes(text.encode(encoding))


def header_levels(headers: Sequence[str]) -> tuple[list[tuple[str, int, int]], list[str | None]]:
    """The upper level as (text, first column, last column), the lower as text per column (None: merged downwards)."""
    split = [re.split(r"/(?![^（(]*[）)])", header) for header in headers]  # not the one in （元/公斤）
    upper, column = [], 0
    for (text, alone), group in groupby(split, key=lambda parts: (parts[0], len(parts) == 1)):
        width = len(list(group))
        upper += (
            [(text, column + i, column + i) for i in range(width)] if alone else [(text, column, column + width - 1)]
        )
        column += width
    return upper, [parts[1] if len(parts) > 1 else None for parts in split]


def _runs(values: Sequence[Any]) -> list[tuple[int, int]]:
    """First and last position of each run of equal neighbours."""
    runs, start = [], 0
    for _, group in groupby(values):
        length = len(list(group))
        runs.append((start, start + length - 1))
        start += length
    return runs


Span = tuple[int, int, int, int, str]  # top, left, bottom, right, text


def _header(sheet: Sheet, top: int) -> tuple[list[Span], int]:
    """The cells of the header from a row on, and the first row under it."""
    upper, lower = header_levels(sheet.headers)
    deep = any(text is not None for text in lower)
    spans = [(top, left, top + (deep and lower[left] is None), right, text) for text, left, right in upper]
    spans += [(top + 1, column, top + 1, column, text) for column, text in enumerate(lower) if text is not None]
    return spans, top + 1 + deep


def _placed(sheet: Sheet) -> tuple[list[Span], list[int], int]:
    """Where things stand: the cells above the rows and of the header, the sheet row of each row, the first row below."""
    width = len(sheet.headers)
    spans = [(row, 0, row, width - 1, line) for row, line in enumerate(sheet.above) if line]
    header, first = _header(sheet, len(sheet.above))
    rows = list(range(first, first + sheet.frame.height))
    if sheet.again:
        once_more, after = _header(sheet, rows[sheet.again])
        header += once_more
        rows[sheet.again :] = [row + after - rows[sheet.again] for row in rows[sheet.again :]]
    return spans + header, rows, rows[-1] + 1 if rows else first


def _xlsx(path: Path, sheet: Sheet, encoding: str) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd", "in_memory": True})
    book.set_properties({"created": CREATED})
    page = book.add_worksheet("Sheet1")
    middle = book.add_format({"align": "center", "valign": "vcenter"})
    bold = book.add_format({"align": "center", "valign": "vcenter", "bold": True, "border": 1})

    def span(top: int, left: int, bottom: int, right: int, text: str, style: Any) -> None:
        if (top, left) == (bottom, right):
            page.write(top, left, text, style)
        else:
            page.merge_range(top, left, bottom, right, text, style)

    spans, rows, end = _placed(sheet)
    for top, left, bottom, right, text in spans:
        span(top, left, bottom, right, text, middle if top < len(sheet.above) else bold)
    for column, values in enumerate(sheet.frame.iter_columns()):
        typed = values.to_list()
        if column == sheet.merged_down:
            for first, last in _runs(typed):
                span(rows[first], column, rows[last], column, typed[first], middle)
        elif column == sheet.id_column and sheet.numbers_at:
            page.write_column(rows[0], column, [float(v) if i in sheet.numbers_at else v for i, v in enumerate(typed)])
        elif sheet.again:
            page.write_column(rows[0], column, typed[: sheet.again])
            page.write_column(rows[sheet.again], column, typed[sheet.again :])
        elif typed:
            page.write_column(rows[0], column, typed)
    for row in sheet.hidden:
        page.set_row(rows[row], None, None, {"hidden": True})
    for i, cells in enumerate(sheet.below):
        page.write_row(end + i, 0, cells)
    page.set_column(0, len(sheet.headers) - 1, 16)
    book.close()


def _xls(path: Path, sheet: Sheet, encoding: str) -> None:
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet("Sheet1")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    spans, rows, end = _placed(sheet)
    for top, left, bottom, right, text in spans:
        page.write_merge(top, bottom, left, right, text)
    for column, values in enumerate(sheet.frame.iter_columns()):
        for i, value in enumerate(values.to_list()):
            if column == sheet.id_column and i in sheet.numbers_at:
                page.write(rows[i], column, float(value))
            elif isinstance(value, date):
                page.write(rows[i], column, value, day)
            elif value is not None:
                page.write(rows[i], column, value)
    for row in sheet.hidden:
        page.row(rows[row]).hidden = True
    for i, cells in enumerate(sheet.below):
        for column, value in enumerate(cells):
            if value is not None:
                page.write(end + i, column, value)
    book.save(str(path))
