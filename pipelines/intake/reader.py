"""Bytes to sheets of text, every cell as found, every row where Excel shows it. What the cells mean is table's and types' work."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice, zip_longest
from pathlib import PurePath
from typing import Any

import polars as pl

_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_EXACT = 10**15
_HEAD_BYTES_A_ROW = 4096

Merged = tuple[tuple[int, int], tuple[int, int]]


class Unreadable(Exception):
    """A file that cannot be opened as a table. ``message`` and ``remedy`` are for the department that sent it."""

    def __init__(self, message: str, remedy: str, rule: str = "unreadable_file") -> None:
        self.message, self.remedy, self.rule = message, remedy, rule
        super().__init__(f"{message}；{remedy}")


@dataclass(frozen=True)
class Sheet:
    """One sheet; a chart sheet is one without rows. ``index`` counts from 1.

    ``rows`` has String columns ``"0"``, ``"1"``…; its first row is Excel's row 1, an empty cell is null. ``merged`` lists merged
    ranges as ((row, column), (row, column)), counted from 0, both inclusive.
    """

    index: int
    name: str
    rows: pl.DataFrame
    merged: tuple[Merged, ...] = ()


def read_table(data: bytes, name: str, rows: int | None = None) -> list[Sheet]:
    """Every sheet of an .xlsx, .xls or .csv file; what kind it is, its content says, not its name.

    ``rows`` stops after so many rows of each sheet (to recognise a file without reading it all). A CSV file is one sheet, a
    row of it is a record. Raises Unreadable (rule ``unreadable_file`` or ``empty_file``).
    """
    if not data.strip():
        raise Unreadable("文件是空的（0 字节或只有空白）", "请重新导出并上报", "empty_file")
    if data.startswith(_WORKBOOK):
        return list(_workbook(data, rows))
    return [Sheet(1, PurePath(name).stem, _frame(_records(data, rows)))]


def cells_at(data: bytes, name: str, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], list[str]]:
    """The cells of the wanted (sheet, row) addresses as found, an empty cell as ``""``. Raises Unreadable, KeyError."""
    sheets = {s.index: s.rows for s in read_table(data, name)}
    found = {}
    for sheet, row in wanted:
        if sheet not in sheets or not 1 <= row <= sheets[sheet].height:
            raise KeyError(f"no row {row} in sheet {sheet} of {name}")
        found[sheet, row] = [cell or "" for cell in sheets[sheet].row(row - 1)]
    return found


def _workbook(data: bytes, rows: int | None) -> Iterator[Sheet]:
    import python_calamine

    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        for index, about in enumerate(book.sheets_metadata, 1):
            if about.typ != python_calamine.SheetTypeEnum.WorkSheet:
                yield Sheet(index, about.name, _frame([]))
                continue
            sheet = book.get_sheet_by_index(index - 1)
            grid = sheet.to_python(skip_empty_area=False, nrows=rows)
            records = [_trimmed([_text(cell) for cell in row]) for row in grid]
            yield Sheet(index, about.name, _frame(records), tuple(sheet.merged_cell_ranges or ()))
    except python_calamine.PasswordError as error:
        raise Unreadable("工作簿有打开密码", "请去掉密码后重报") from error
    except python_calamine.CalamineError as error:
        raise Unreadable(f"工作簿打不开（{error}）", "请用 Excel 或 WPS 打开后另存为 .xlsx 再上报") from error


def _records(data: bytes, rows: int | None) -> list[list[str]]:
    text = _decoded(data if rows is None else data[: rows * _HEAD_BYTES_A_ROW], whole=rows is None)
    if "\0" in text or text.lstrip()[:1] == "<":
        raise Unreadable("不是 Excel 工作簿，也不是 CSV 文本", "请用 Excel 或 WPS 打开后另存为 .xlsx 再上报")
    first_lines = text[:_HEAD_BYTES_A_ROW]
    delimiter = max(",\t;", key=first_lines.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=rows is None)
    try:
        return list(islice(reader, rows))
    except csv.Error as error:
        message = f"第 {reader.line_num} 行附近的引号不成对或单元格过长（{error}）"
        raise Unreadable(message, "请用 Excel 或 WPS 打开检查该行，另存后重报") from error


def _decoded(data: bytes, *, whole: bool) -> str:
    marks = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    for encoding in (marks[data[:2]],) if data[:2] in marks else ("utf-8-sig", "gb18030"):
        try:
            return codecs.getincrementaldecoder(encoding)().decode(data, final=whole)
        except UnicodeDecodeError:
            continue
    raise Unreadable("文字编码不是 UTF-8，也不是 GB18030", "请用 Excel 或 WPS 打开后另存为 .xlsx 再上报")


def _text(cell: Any) -> str:
    """A cell's value as text. A number of more than 15 digits keeps the mark of its lost digits: ``.0`` or ``e+17``."""
    match cell:
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT else repr(cell)
        case int():
            return str(cell) if abs(cell) < _EXACT else repr(float(cell))
        case datetime():
            return str(cell.date()) if cell.time() == time() else cell.isoformat(sep=" ")
        case date() | time() | timedelta():
            return str(cell)
        case _:
            raise TypeError(f"calamine gave a {type(cell).__name__}")


def _trimmed(row: list[str]) -> list[str]:
    end = len(row)
    while end and not row[end - 1]:
        end -= 1
    return row[:end]


def _frame(records: list[list[str]]) -> pl.DataFrame:
    columns = list(zip_longest(*records, fillvalue="")) if records else []
    if not columns:
        return pl.DataFrame(height=len(records))
    frame = pl.DataFrame([pl.Series(str(i), cells, dtype=pl.String) for i, cells in enumerate(columns)])
    return frame.with_columns(pl.all().replace("", None))
