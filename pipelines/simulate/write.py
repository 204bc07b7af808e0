"""How a department's file looks: title, header of one or two levels, rows, total, footer; as .csv, .xlsx or .xls.

The habits are data (habits.yml); nothing here knows any one extract.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import polars as pl

CREATED = datetime(2018, 1, 1)  # written into every workbook, so that the same rows give the same bytes
WAN = 10_000  # 万


@dataclass(frozen=True)
class Sheet:
    """What stands on a sheet: ``above`` (lines over the header), ``headers`` ('/' joins two levels), rows, ``below``.

    ``frame`` holds text, numbers and dates as they are to be typed; ``merged_down`` is the position of a column whose
    equal neighbours are merged, ``numbers_at`` rows whose id number (column ``id_column``) is typed as a number.
    """

    above: Sequence[str]
    headers: Sequence[str]
    frame: pl.DataFrame
    below: Sequence[Sequence[Any]]
    merged_down: int | None = None
    id_column: int | None = None
    numbers_at: frozenset[int] = frozenset()


def lay_out(habit: Mapping[str, Any], types: Mapping[str, str], frame: pl.DataFrame, title: str) -> Sheet:
    """The rows of an extract as its department types them. ``types`` are the contract's types of the columns in order.

    Raises ValueError when the frame's columns, the contract's and the habit's headers do not fit each other.
    """
    if frame.columns != list(types) or len(habit["headers"]) != len(types):
        raise ValueError(f"{title}: columns {frame.columns} and headers {habit['headers']} do not fit {list(types)}")
    amounts = [name for name, kind in types.items() if kind == "amount"]
    dates = [name for name, kind in types.items() if kind == "date"]
    answers = [name for name, kind in types.items() if kind == "yes_no"]
    style = habit.get("dates", "%Y-%m-%d")
    in_cents = [(pl.col(name) * 100).round().cast(pl.Int64).alias(name) for name in amounts]
    per = 100 * (WAN if "万元" in habit.get("unit", "") else 1)
    places = 6 if per > 100 else 2
    total = _total(habit, frame.with_columns(in_cents), amounts, per, places)
    typed = frame.with_columns(
        *[(expr / per).round(places) for expr in in_cents],
        *[
            pl.when(pl.col(name)).then(pl.lit("是")).when(~pl.col(name)).then(pl.lit("否")).alias(name)
            for name in answers
        ],
        *([] if style == "real" else [pl.col(name).cast(pl.Date).dt.strftime(style) for name in dates]),
        *([pl.col(name).cast(pl.Date) for name in dates] if style == "real" else []),
    )
    merged = habit.get("merged_down")
    ids = [i for i, kind in enumerate(types.values()) if kind == "id_number"]
    above = [title] if habit.get("title") else []
    above += [habit["unit"]] if "unit" in habit else []
    above += [""] if habit.get("blank") else []
    below = [total] if total else []
    below += [[habit["footer"]]] if "footer" in habit else []
    return Sheet(
        above=above,
        headers=habit["headers"],
        frame=typed,
        below=below,
        merged_down=None if merged is None else frame.columns.index(merged),
        id_column=ids[0] if ids else None,
    )


def _total(habit: Mapping[str, Any], frame: pl.DataFrame, amounts: list[str], per: int, places: int) -> list[Any]:
    if "totals" not in habit:
        return []
    sums: dict[str, Any] = {name: frame[name].sum() for name in habit["totals"]}
    sums |= {name: float(round(Decimal(sums[name]) / per, places)) for name in sums if name in amounts}
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

    body = sheet.frame.write_csv(include_header=False, line_terminator="\r\n", float_precision=2)
    text = lines([[line] for line in sheet.above]) + lines([sheet.headers]) + body + lines(sheet.below)
    path.write_bytes(text.encode(encoding))


def header_levels(headers: Sequence[str]) -> tuple[list[tuple[str, int, int]], list[str | None]]:
    """The upper level as (text, first column, last column), the lower as text per column (None: merged downwards)."""
    split = [header.split("/") for header in headers]
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


def _xlsx(path: Path, sheet: Sheet, encoding: str) -> None:
    import xlsxwriter

    width = len(sheet.headers)
    book = xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"})
    book.set_properties({"created": CREATED})
    page = book.add_worksheet("Sheet1")
    middle = book.add_format({"align": "center", "valign": "vcenter"})
    bold = book.add_format({"align": "center", "valign": "vcenter", "bold": True, "border": 1})

    def span(top: int, left: int, bottom: int, right: int, text: str, style: Any) -> None:
        if (top, left) == (bottom, right):
            page.write(top, left, text, style)
        else:
            page.merge_range(top, left, bottom, right, text, style)

    for row, line in enumerate(sheet.above):
        if line:
            span(row, 0, row, width - 1, line, middle)
    row = len(sheet.above)
    upper, lower = header_levels(sheet.headers)
    deep = any(text is not None for text in lower)
    for text, left, right in upper:
        span(row, left, row + (deep and lower[left] is None), right, text, bold)
    for column, below in enumerate(lower):
        if below is not None:
            page.write(row + 1, column, below, bold)
    row += 1 + deep
    for column, values in enumerate(sheet.frame.iter_columns()):
        if column == sheet.merged_down:
            for first, last in _runs(values.to_list()):
                span(row + first, column, row + last, column, values[first], middle)
        else:
            page.write_column(row, column, values.to_list())
    for i, cells in enumerate(sheet.below):
        page.write_row(row + sheet.frame.height + i, 0, cells)
    page.set_column(0, width - 1, 16)
    book.close()


def _xls(path: Path, sheet: Sheet, encoding: str) -> None:
    import xlwt

    width = len(sheet.headers)
    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet("Sheet1")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for row, line in enumerate(sheet.above):
        page.write_merge(row, row, 0, width - 1, line)
    top = len(sheet.above)
    for column, header in enumerate(sheet.headers):
        page.write(top, column, header)
    for column, values in enumerate(sheet.frame.iter_columns()):
        for i, value in enumerate(values.to_list()):
            if column == sheet.id_column and i in sheet.numbers_at:
                page.write(top + 1 + i, column, float(value))
            elif isinstance(value, date):
                page.write(top + 1 + i, column, value, day)
            else:
                page.write(top + 1 + i, column, value)
    for i, cells in enumerate(sheet.below):
        for column, value in enumerate(cells):
            page.write(top + 1 + sheet.frame.height + i, column, value)
    book.save(str(path))
