"""Bytes to sheets of text, every cell as found, every row where Excel shows it. What the cells mean is table's and types' work."""

from __future__ import annotations

import codecs
import csv
import io
import re
import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice, zip_longest
from pathlib import PurePath

import polars as pl

from pipelines.intake.workbook import Damaged, Locked, Merged, open_workbook

_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_HEAD_BYTES_A_ROW = 4096
_DENSE_CELLS = 4_000_000  # more are looked at one by one when most of them are empty
_WIDEST, _MOST_CELLS = 16_384, 100_000_000  # columns as Excel has them; cells that memory holds
_KEPT = 1 << 24  # bytes of the files, and of their sheets, that are kept for who asks for them next
_MARKUP = re.compile(r"\s*<")
_PADDING = re.compile(r"\t+(?=[,;\r\n])|(?<=[,;\n])\t+")  # tabs around a cell that keep Excel from making it a number


_lock = threading.Lock()
_kept: dict[tuple[bytes, str], list[Sheet] | Unreadable] = {}


class Unreadable(Exception):
    """A file that cannot be opened as a table. ``message`` and ``remedy`` are for the department that sent it."""

    def __init__(self, message: str, remedy: str, rule: str = "unreadable_file") -> None:
        self.message, self.remedy, self.rule = message, remedy, rule
        super().__init__(f"{message}；{remedy}")


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet; a chart sheet is one without rows. ``index`` counts from 1.

    ``rows`` has a String column for every column of the sheet with anything in it, named by its position (``"0"`` is column A);
    its first row is Excel's row 1, an empty cell is null. ``merged`` lists merged ranges as ((row, column), (row, column)), counted
    from 0, both inclusive. What a workbook hides is read like the rest; ``hidden_rows`` and ``hidden_columns`` count from 0.
    """

    index: int
    name: str
    rows: pl.DataFrame
    merged: tuple[Merged, ...] = ()
    hidden: bool = False
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()


def read_table(data: bytes, name: str, rows: int | None = None) -> list[Sheet]:
    """Every sheet of an .xlsx, .xls or .csv file; what kind it is, its content says, not its name.

    ``rows`` gives so many rows of each sheet (to recognise a large CSV file without reading it all). A CSV file is one sheet, a
    row of it is a record. Raises Unreadable (rule ``unreadable_file`` or ``empty_file``).
    """
    if not data or data.isspace():
        raise Unreadable("文件是空的（0 字节或只有空白）", "请重新导出并上报", "empty_file")
    try:
        if rows is None or data.startswith(_WORKBOOK) or len(data) <= rows * _HEAD_BYTES_A_ROW:
            return [s if rows is None or s.rows.height <= rows else _head(s, rows) for s in _whole(data, name)]
    except Unreadable:
        if rows is None or data.startswith(_WORKBOOK):
            raise
    return _text_file(data, name, rows)


def _whole(data: bytes, name: str) -> list[Sheet]:
    """All of a file, read once for all who ask one after the other; they are told the same of one that cannot be read."""
    with _lock:
        sheets = _kept.pop((data, name), None)
    if sheets is None:
        try:
            sheets = _workbook(data) if data.startswith(_WORKBOOK) else _text_file(data, name, None)
        except Unreadable as error:
            sheets = error
    with _lock:
        _kept[data, name] = sheets
        sizes = [len(d) + _weight(held) for (d, _), held in _kept.items()]
        while len(sizes) > 1 and sum(sizes) > _KEPT:
            sizes.pop(0)
            del _kept[next(iter(_kept))]
    if isinstance(sheets, Unreadable):
        raise sheets
    return sheets


def _weight(kept: list[Sheet] | Unreadable) -> int:
    return 0 if isinstance(kept, Unreadable) else sum(int(sheet.rows.estimated_size()) for sheet in kept)


def _head(sheet: Sheet, rows: int) -> Sheet:
    return replace(sheet, rows=_used(sheet.rows.head(rows)))


def _text_file(data: bytes, name: str, rows: int | None) -> list[Sheet]:
    return [Sheet(1, PurePath(name).stem, _csv(data, rows))]


def cells_at(data: bytes, name: str, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], list[str]]:
    """The cells of the wanted (sheet, row) addresses as found, an empty cell as ``""``. Raises Unreadable, KeyError."""
    return cells_of(read_table(data, name), name, wanted)


def cells_of(table: Iterable[Sheet], name: str, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], list[str]]:
    """As ``cells_at``, of a file that has been read. Raises KeyError."""
    sheets = {s.index: s.rows for s in table}
    found = {}
    for sheet, row in wanted:
        if sheet not in sheets or not 1 <= row <= sheets[sheet].height:
            raise KeyError(f"no row {row} in sheet {sheet} of {name}")
        cells = {int(position): cell or "" for position, cell in sheets[sheet].row(row - 1, named=True).items()}
        found[sheet, row] = [cells.get(position, "") for position in range(max(cells, default=-1) + 1)]
    return found


def _workbook(data: bytes) -> list[Sheet]:
    again = "请用 Excel 或 WPS 打开检查，另存为 .xlsx 后重报"
    try:
        sheets = open_workbook(data)
    except Locked as error:
        raise Unreadable("工作簿有打开密码", "请去掉密码后重报") from error
    except Damaged as error:
        raise Unreadable("工作簿已损坏或表格范围过大，打不开", again) from error
    return [
        Sheet(i, name, _frame(grid), tuple(merged), unseen, tuple(hidden_rows), tuple(hidden_columns))
        for i, (name, grid, merged, (unseen, hidden_rows, hidden_columns)) in enumerate(sheets, 1)
    ]


def _csv(data: bytes, rows: int | None) -> pl.DataFrame:
    text = _decoded(data if rows is None else data[: rows * _HEAD_BYTES_A_ROW], whole=rows is None)
    if "\0" in text or _MARKUP.match(text):
        raise Unreadable("不是 Excel 工作簿，也不是 CSV 文本", "请用 Excel 或 WPS 打开后另存为 .xlsx 再上报")
    first_lines = text[:_HEAD_BYTES_A_ROW]
    delimiter = max(",\t;", key=_PADDING.sub("", first_lines).count)
    if '"' not in text and text.count("\r") == text.count("\r\n"):
        return _split(text.encode(), delimiter, rows)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=rows is None)
    try:
        return _frame(list(islice(reader, rows)))
    except csv.Error as error:
        message = f"第 {reader.line_num} 行附近的引号不成对或单元格过长（{error}）"
        raise Unreadable(message, "请用 Excel 或 WPS 打开检查该行，另存后重报") from error


def _sparse(records: Sequence[list[str]]) -> pl.DataFrame:
    """Records of which most cells are empty, without a look at every place where one might be. Raises Unreadable."""
    used: dict[int, dict[int, str]] = defaultdict(dict)
    too_large = Unreadable("表格范围过大", "请删去表外的空行空列和多余内容，另存后重报")
    for row, record in enumerate(records):
        if sum(map(bool, record)) > _WIDEST:
            raise too_large
        for position, cell in enumerate(record):
            if cell:
                used[position][row] = cell
    if len(used) > _WIDEST or len(used) * len(records) > _MOST_CELLS:
        raise too_large
    rows = range(len(records))
    columns = [pl.Series(str(p), [cells.get(r) for r in rows], dtype=pl.String) for p, cells in sorted(used.items())]
    return pl.DataFrame(columns) if columns else pl.DataFrame(height=len(records))


def _split(text: bytes, delimiter: str, rows: int | None) -> pl.DataFrame:
    """Records without quotes, where a line is a record and every delimiter counts."""

    def read(separator: str, width: int) -> pl.DataFrame:
        names = dict.fromkeys(map(str, range(width)), pl.String)
        return pl.read_csv(
            text, has_header=False, schema=names, separator=separator, quote_char=None, n_rows=rows,
            missing_columns="insert", truncate_ragged_lines=rows is not None,
        )  # fmt: skip

    lines = read("\0", 1).to_series()
    delimiters = max(lines.str.count_matches(delimiter, literal=True).drop_nulls().unique().to_list(), default=0)
    if delimiters > _WIDEST or delimiters * len(lines) > max(_DENSE_CELLS, 4 * len(text)):
        return _sparse([(line or "").rstrip(delimiter).split(delimiter) for line in lines])
    return _used(read(delimiter, delimiters + 1))


def _decoded(data: bytes, *, whole: bool) -> str:
    marks = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    for encoding in (marks[data[:2]],) if data[:2] in marks else ("utf-8-sig", "gb18030"):
        try:
            return codecs.getincrementaldecoder(encoding)().decode(data, final=whole)
        except UnicodeDecodeError:
            continue
    raise Unreadable("文字编码不是 UTF-8，也不是 GB18030", "请用 Excel 或 WPS 打开后另存为 .xlsx 再上报")


def _frame(records: list[list[str]]) -> pl.DataFrame:
    width = max(map(len, records), default=0)
    if width > _WIDEST or width * len(records) > max(_DENSE_CELLS, 4 * sum(map(len, records))):
        return _sparse(records)
    columns = enumerate(zip_longest(*records, fillvalue=""))
    used = [pl.Series(str(i), cells, dtype=pl.String) for i, cells in columns if any(cells)]
    return _emptied(pl.DataFrame(used)) if used else pl.DataFrame(height=len(records))


def _emptied(frame: pl.DataFrame) -> pl.DataFrame:
    """Empty cells become null, columns with nothing else go."""
    return _used(frame.select(pl.when(pl.all() != "").then(pl.all())))


def _used(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns with anything in them."""
    used = [column for column in frame if column.null_count() < frame.height]
    return pl.DataFrame(used) if used else pl.DataFrame(height=frame.height)
