"""A first contract for a workbook that nobody has described: its tables, what their columns hold, and what a clerk must fill in.

Where tables are is shape's; what a cell may say is types'. Nothing is taken in here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import yaml

from pipelines.intake import shape
from pipelines.intake.contract import NUMERIC, PERSONAL, Contract, header_forms
from pipelines.intake.pseudonym import household_no, id_number
from pipelines.intake.reader import Sheet, read_table
from pipelines.intake.refusal import Refusal
from pipelines.intake.table import Headers
from pipelines.intake.types import amount, day, decimal, integer, month, yes_no

TO_FILL = "待填"
_ENOUGH = 0.9  # of the cells that say anything must be of a type
_NUMBERING = ("序号", "编号", "行号", "No.", "№")
_MONEY = re.compile(r"(亿元|万元|千元|元)")
_UNITS = {"户": "household", "人": "person", "%": "percent", "％": "percent", "年": "year", "㎡": "m2", "平方米": "m2"}
_PLACES = {
    "township": re.compile(r"^(所属|所在)?乡\(?镇\)?(\(?街道\)?|名称?)?$"),
    "village": re.compile(r"^(所属|所在)?(行政)?村(委会|名称?|\(社区\)|\(居\)委会)?$"),
}
_NAMES = re.compile(r"姓名$|^户主$|名字$")
_DAYS = re.compile(r"日期|时间|年月日")


@dataclass(frozen=True)
class Drafted:
    """A table as found, rows by Excel's numbers; ``rows`` are the data rows' cells as found, one for each of ``columns``."""

    sheet: str
    title: str
    header_rows: list[int]
    data_rows: list[int]
    total_rows: list[int]
    section_rows: list[int]
    note_rows: list[int]
    columns: list[str]
    rows: list[list[str | None]]
    unit: str | None
    fields: list[dict[str, Any]]  # what the contract says of each column; empty for a column of row numbers

    def as_record(self) -> dict[str, Any]:
        """The table as ``fangpin contract draft --json`` prints it."""
        return {k: v for k, v in vars(self).items() if k != "fields"} | {
            "guesses": [{"column": c, "type": f.get("type"), "unit": f.get("unit")} for c, f in zip(self.columns, self.fields, strict=True)]
        }  # fmt: skip


def draft(data: bytes, name: str, contracts: Mapping[str, Contract]) -> list[Drafted]:
    """The tables of a file, sheet by sheet from the top. Columns that a known contract heads alike get its names and types.

    Raises Unreadable.
    """
    known = Headers(contracts)
    return [
        _drafted(sheet, table, known, contracts)
        for sheet in read_table(data, name)
        for table in shape.find_tables(sheet)
    ]


def first_contracts(tables: Sequence[Drafted]) -> list[dict[str, Any]]:
    """A contract for each kind of table (the same columns are the same kind), the one with most rows first. They load as they
    are; what only a clerk can know says 待填 or TO-FILL.
    """
    kinds: dict[tuple[str, ...], list[Drafted]] = {}
    for table in tables:
        if any(table.fields):
            kinds.setdefault(tuple(table.columns), []).append(table)
    ordered = sorted(kinds.values(), key=lambda alike: -sum(len(t.rows) for t in alike))
    return [_contract(alike, f"new_extract{f'_{i}' if i > 1 else ''}") for i, alike in enumerate(ordered, 1)]


def as_yaml(contract: Mapping[str, Any]) -> str:
    """A contract in the layout of the shipped ones: one line a key, one line a column."""
    lines = [f"{key}: {_flow(value)}" for key, value in contract.items() if key != "columns"]
    return "\n".join([*lines, "columns:", *(f"  - {_flow(c)}" for c in contract["columns"])]) + "\n"


def _drafted(sheet: Sheet, table: shape.Table, known: Headers, contracts: Mapping[str, Contract]) -> Drafted:
    block = table.block
    positions = [str(p) for p in block.paths]
    body = shape.stripped(sheet, block.last + 1, table.end)
    kinds = shape.kinds(body, positions, sheet.merged)
    apart = kinds.others | {row + 1 for row in table.again}
    data = [row for row in body["_row"].to_list() if row not in apart]
    rows = [list(row) for row in sheet.rows[[r - 1 for r in data]].select(positions).rows()] if data else []
    above = [c for row in shape.grid(sheet, range(table.start, block.first)).values() for c in row.values()]
    unit = shape.stated_unit(above)
    reached = {(row, left) for (top, left), (bottom, _) in sheet.merged for row in range(top + 2, bottom + 2)}
    fields = []
    for at, (position, path) in enumerate(block.paths.items()):
        cells = [row[at] for row in rows]
        again = {row[position] for row in table.again.values() if position in row} - {_last_level(path)}
        blank = {(row, position) for row, cell in zip(data, cells, strict=True) if not cell}
        down = bool(blank) and blank <= reached
        stated = shape.unit_of(path) or block.units.get(position) or unit
        fields.append(_field(position, path, sorted(again), cells, stated, down, known, contracts))
    merged_notes = {
        r for (top, _), (bottom, _) in sheet.merged if top + 1 in kinds.footer for r in range(top + 1, bottom + 2)
    }
    return Drafted(
        sheet=sheet.name,
        title=_title(above) or sheet.name,
        header_rows=sorted({*range(block.first + 1, block.last + 2), *(row + 1 for row in table.again)}),
        data_rows=data,
        total_rows=sorted(kinds.total),
        section_rows=sorted(kinds.section),
        note_rows=sorted(kinds.footer | merged_notes),
        columns=list(block.paths.values()),
        rows=rows,
        unit=unit,
        fields=fields,
    )


def _field(
    position: int,
    path: str,
    again: list[str],
    cells: list[str | None],
    unit: str | None,
    merged_down: bool,
    known: Headers,
    contracts: Mapping[str, Contract],
) -> dict[str, Any]:
    """One column of a contract; nothing for a column that only numbers the rows."""
    if header_forms(path)[0] in _NUMBERING and all((c or "0").strip().isdecimal() for c in cells):
        return {}
    said = [c.strip() for c in cells if c and c.strip()]
    headers = [path, *again]
    filled = bool(cells) and len(said) == len(cells)
    for extract, name in sorted(known.owners(path)):
        column = contracts[extract].column(name)
        if _fits(column.type, said):
            found = column.model_dump(mode="json", exclude_defaults=True) | {"headers": headers}
            return {k: v for k, v in found.items() if k not in ("required", "min", "max")} | {"required": filled}
    kind = _guess(_last_level(path), said, unit)
    field: dict[str, Any] = {
        "name": f"column_{_letters(position)}",
        "title": {"zh": _last_level(path), "en": "To fill in"},
        "headers": headers,
        "type": kind,
    }
    if kind in NUMERIC:
        field["unit"] = "yuan" if kind == "amount" else _UNITS.get(unit or "", unit or TO_FILL)
    if kind in PERSONAL:
        field["personal"] = True
    if merged_down and kind not in NUMERIC:
        field["merged_down"] = True
        filled = bool(cells and cells[0])
    return field | {"required": filled}


def _guess(header: str, said: list[str], unit: str | None) -> str:
    last = header_forms(header)[1]
    if not said:
        return "text"
    if _share(id_number, said) >= _ENOUGH:
        return "id_number"
    if _NAMES.search(last):
        return "person_name"
    if "户" in last and "号" in last and _share(household_no, said) >= _ENOUGH:
        return "household_no"
    for place, words in _PLACES.items():
        if words.search(last) and not _numeric(said):
            return place
    if _share(yes_no, said) == 1 and not all(s.isdecimal() for s in said):
        return "yes_no"
    if _DAYS.search(last) or not _numeric(said):
        for kind, read in (("date", day), ("month", month)):
            if _share(read, said) >= _ENOUGH:
                return kind
    if not _numeric(said):
        return "text"
    if unit and _MONEY.fullmatch(unit):
        return "amount"
    return "integer" if _share(integer, said) >= _ENOUGH and unit not in ("%", "％") else "decimal"


def _last_level(path: str) -> str:
    return re.split(r"/(?![^(（]*[)）])", path)[-1]


def _fits(kind: str, said: list[str]) -> bool:
    reads = {
        "id_number": id_number, "household_no": household_no, "integer": integer, "decimal": decimal, "amount": amount,
        "date": day, "month": month, "yes_no": yes_no,
    }  # fmt: skip
    return kind not in reads or _share(reads[kind], said) >= _ENOUGH


def _numeric(said: list[str]) -> bool:
    return _share(lambda text: decimal(text, percent=True), said) >= _ENOUGH or _share(amount, said) >= _ENOUGH


def _share(read: Any, said: list[str]) -> float:
    """How many of the cells that mean anything to ``read`` it accepts (0–1); none that do is 1 when there are no cells."""
    answers = Counter(type(answer) is Refusal for text in said if (answer := read(text)) is not None)
    return answers[False] / answers.total() if answers else float(not said)


def _contract(alike: Sequence[Drafted], extract: str) -> dict[str, Any]:
    table = alike[0]
    columns = _named_apart([dict(field) for field in table.fields if field])
    at = [i for i, field in enumerate(table.fields) if field]
    key = _key(columns, [[row[i] for i in at] for row in table.rows])
    for column in columns:
        column["required"] = column["required"] or column["name"] in key
    title = _without_dates(table.title) or table.title
    of_key = [c["title"]["zh"] for c in columns if c["name"] in key]
    return {
        "extract": extract,
        "title": {"zh": title, "en": "To fill in"},
        "department": "to_fill_in",
        "grain": f"one row per {'、'.join(of_key)}",
        "key": key,
        "kind": "snapshot",
        "covers": "county",
        "silence": "unknown",
        "stays_known_months": 1,
        "corrected_by": "whole",
        "recognise": [title],
        "columns": columns,
        "ignored": [c for c, f in zip(table.columns, table.fields, strict=True) if not f] or ["序号"],
    }


def _key(columns: Sequence[Mapping[str, Any]], rows: Sequence[Sequence[str | None]]) -> list[str]:
    """The fewest leading columns that tell the rows apart, those of ids before those of words; a guess."""
    filled = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in columns]
    for column, cells in zip(columns, filled, strict=True):
        if column.get("merged_down"):
            cells[:] = accumulate(cells, lambda above, cell: cell or above)
    order = {
        "id_number": 0,
        "household_no": 0,
        "text": 1,
        "village": 1,
        "month": 1,
        "date": 1,
        "township": 2,
        "person_name": 2,
        "code": 2,
    }
    usable = [i for i, c in enumerate(columns) if c["type"] in order and all(filled[i]) and filled[i]]
    usable.sort(key=lambda i: order[columns[i]["type"]])
    for several in (*([i] for i in usable), *([i, j] for i in usable for j in usable if i < j)):
        if len(set(zip(*(filled[i] for i in several), strict=True))) == len(rows):
            return [str(columns[i]["name"]) for i in several]
    return [str(columns[i]["name"]) for i in usable or range(1)]


def _named_apart(columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The columns with names and headers of their own; what two share stays with the first, and the second says so."""
    names: Counter[str] = Counter()
    forms: dict[str, str] = {}
    for column in columns:
        names[column["name"]] += 1
        if names[column["name"]] > 1:
            column["name"] += f"_{names[column['name']]}"
        taken = {h: forms.setdefault(f, column["name"]) for h in column["headers"] for f in header_forms(h)}
        own = [h for h, owner in taken.items() if owner == column["name"]]
        column["headers"] = own or [
            f"{TO_FILL}：{column['name']} 与 {owner} 同名，都是“{h}”" for h, owner in taken.items()
        ]
    return columns


def _title(above: Iterable[str]) -> str | None:
    """The longest line above a table that is no date, unit or number of an annex."""
    lines = [c for c in above if len(_without_dates(c)) > 3 and not re.search(r"[:：]|^附[件表]", c)]
    return max(lines, key=len, default=None)


def _without_dates(text: str) -> str:
    return re.sub(
        r"[(（][^()（）]*[)）]|(?:19|20)\d\d[-.年]?(?:\d{1,2}[-.月]?)?(?:\d{1,2}日?)?|\d{1,2}月(?:\d{1,2}日)?", "", text
    )


def _letters(position: int) -> str:
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def _flow(value: Any) -> str:
    return (
        yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10**6)
        .strip()
        .removesuffix("\n...")
    )
