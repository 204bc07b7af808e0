"""Where the tables of a sheet are and which of its rows are not data, told by shape and words alone.

Drafting asks nothing else; table adds what contracts know. No contract and no column type belongs here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import polars as pl

from pipelines.intake.reader import Sheet
from pipelines.intake.workbook import Merged

LEVELS = 4  # levels that a header may have
HEADER_CELL = 60  # characters of the longest cell that may be a header
_COVERS = 0.6  # of the columns below it, a header names at least so many
_ALIKE = 0.5  # a header that comes again may be so differently worded (0–1), cell by cell
_NUMBERED_FROM = 4  # columns that somebody would number
_MOST_LIKELY = 2_000  # rows of a known table that may be the header of another
_NEAREST = 50  # rows above a row of names that say what the table holds
_LOOKED_AT_CELL = 2_000  # characters of a cell that may say what a table is
_LOOKED_AT = 5  # rows below a header that say how wide the table is

_TOTAL = re.compile(r".{0,12}(合计|小计|总计|共计)[:：]?")
_FOOTER = (
    r"^(填表|制表|填报|统计|审核|经办|负责|联系|复核|上报|报送|打印|导出|单位负责|分管)[^:：]{0,8}[:：]"
    r"|^(注|备注|说明|附注|注释)[:：\d①]|^(数据|资料)?来源[:：]|^（?盖章|^本月无|^零报告"
)
_NIL_RETURN = "^(本月无|零报告)"
_SECTION = r"^(第?[一二三四五六七八九十]{1,3}[、.．）)]|[（(][一二三四五六七八九十]{1,3}[)）]|第[一二三四五六七八九十]{1,3}[类部分章节])"
_REMARK = r"[:：。；]|^\D{15,}$"
_VALUE = re.compile(
    r"[¥￥]?[(（]?[+-]?[\d,]*\.?\d+(?:[eE][+-]?\d+)?[%％]?[)）]?(?:元|千元|万元|亿元)?|\d{15}|\d{17}[\dXx]"
    r"|\d{4}[-/.年]\d{1,2}(?:[-/.月](?:\d{1,2}日?)?)?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?"
)
_YEAR = re.compile(r"(?:19|20)\d\d年?度?")
_NO_LABEL = re.compile(r"(?<!其中)[:：]|^(?:19|20)\d\d年(?:\d{1,2}月)?|^[-—－/／]+$|^[√✓✔×✗]$")
_UNIT_WORD = (
    r"(?:人民币)?(?:亿|万|千|百)?(?:元|人次|人|户|吨|公斤|千克|亩|公顷|平方米|平方公里|立方米|公里|米)|座|个|栋|间|年|月|日|天|岁|头|只|株|辆|台|套|份|次|所|家|处|件|宗|项|箱|袋|包|盒|瓶"
    r"|元/[人月年户]|人/户|㎡|m2|%|％|‰"
)
_BARE_UNIT = re.compile(rf"[(（]?(?:单位[:：])?({_UNIT_WORD})[)）]?")
_BRACKETED_UNIT = re.compile(r"[(（](?:单位[:：])?([^()（）]*)[)）]$")
_STATED_UNIT = re.compile(rf"(?<![填报送制表管])单位[:：]({_UNIT_WORD})(?![\w/])")
_COLUMN_NUMBER = re.compile(r"[(（]?(?:\d{1,2}|[甲乙丙丁戊A-Z])[)）]?(?:[=＝][\d+*×÷/()（）-]+)?")

Grid = Mapping[int, Mapping[int, str]]  # row → position → text without white space, of the cells that have any


@dataclass(frozen=True)
class Block:
    """The rows of a header, counted from 0, both inclusive; ``paths`` names every headed column, levels joined by ``/``.

    Rows of units or column numbers under the names belong to it; ``units`` has what the former say.
    """

    first: int
    last: int
    paths: Mapping[int, str]
    units: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Kinds:
    """The rows below a header that are not data, by Excel's numbers."""

    blank: frozenset[int]
    total: frozenset[int]
    footer: frozenset[int]
    section: frozenset[int]
    nil_return: bool

    @property
    def others(self) -> frozenset[int]:
        return self.blank | self.total | self.footer | self.section


@dataclass(frozen=True)
class Table:
    """A table found by its shape. ``again`` are the header rows that come again half-way (row → position → text there).

    ``start`` is the row where its titles begin, ``end`` the one after its last, both counted from 0 like the block's.
    """

    block: Block
    start: int
    end: int
    again: Mapping[int, Mapping[int, str]]


def grid(sheet: Sheet, rows: Iterable[int] | None = None) -> dict[int, dict[int, str]]:
    """The beginnings of the cells of some rows (counted from 0; all, when None) without white space; a row without any has an
    empty entry.
    """
    wanted = list(range(sheet.rows.height) if rows is None else rows)
    positions = [int(name) for name in sheet.rows.columns]
    taken = sheet.rows if rows is None else sheet.rows[wanted]
    return {
        at: {
            p: text
            for p, cell in zip(positions, row, strict=True)
            if cell and (text := "".join(cell[:_LOOKED_AT_CELL].split()))
        }
        for at, row in zip(wanted, taken.rows() if positions else [()] * len(wanted), strict=True)
    }


def spread(cells: Grid, merged: Iterable[Merged]) -> dict[int, dict[int, str]]:
    """Row → position → text that a merged cell spreads to the right; only rows that have one."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for (top, left), (_, right) in merged:
        if left < right and left in cells.get(top, ()):
            found[top].update(dict.fromkeys(range(left, right + 1), cells[top][left]))
    return found


def paths(cells: Grid, spread_right: Mapping[int, Mapping[int, str]], first: int, last: int) -> dict[int, str]:
    """Position → header of the rows first to last. Without merged cells an upper level reaches right over blanks, but only
    where a lower level has text.
    """
    if first == last:
        return {p: cells[first][p] for p in sorted(cells[first]) if cells[first][p]}
    found: dict[int, list[str]] = defaultdict(list)
    positions = sorted(set().union(*(cells[r] for r in range(first, last + 1))))
    for level in range(first, last + 1):
        row, over = cells[level], spread_right.get(level)
        under = set().union(*(cells[lower] for lower in range(level + 1, last + 1)))
        reach, before = "", -1
        for position in positions:
            own, below = row.get(position, ""), position in under
            if own or not below or position > before + 1:
                reach = own if below else ""
            before = position
            text = own or (below and (reach if over is None else over.get(position, "")))
            if text and text not in found[position][-1:]:
                found[position].append(text)
    return {p: "/".join(parts) for p, parts in sorted(found.items()) if parts}


def with_rows_below(cells: Grid, block: Block) -> Block:
    """The block with the row of units and the row of column numbers that stand right under its names."""
    last, units = block.last, dict(block.units)
    for _ in range(2):
        row = cells.get(last + 1, {})
        if row and set(row) <= set(block.paths) and all(_BARE_UNIT.fullmatch(c) for c in row.values()):
            units |= {p: _BARE_UNIT.sub(r"\1", c) for p, c in row.items()}
        elif not _numbers_columns(row, cells.get(last + 2, {}), block):
            break
        last += 1
    return Block(block.first, last, block.paths, units)


def unit_of(header: str) -> str | None:
    """The unit in brackets at the end of a header; None when the brackets hold anything else."""
    found = _BRACKETED_UNIT.search(header)
    return found[1] if found and all(_BARE_UNIT.fullmatch(u) for u in re.split("[/／、]", found[1])) else None


def stated_unit(texts: Iterable[str]) -> str | None:
    """The unit that a title states for the whole table (``单位：吨``)."""
    found = _STATED_UNIT.search("\n".join("".join(t.split()) for t in texts))
    return found[1] if found else None


def is_blank() -> pl.Expr:
    """True for the rows of a sheet in which no cell has text."""
    return pl.all_horizontal(pl.all().str.strip_chars().replace("", None).is_null())


def kinds(body: pl.DataFrame, labels: Sequence[str], merged: Iterable[Merged] = ()) -> Kinds:
    """Tell the rows below a header apart. ``body`` has stripped texts, null where blank, and ``_row``; a total is looked for in
    the columns ``labels``. A row of one cell is a section when that cell has a section's number or is merged across.
    """
    first_cell = pl.coalesce(pl.exclude("_row"))
    across = [top + 1 for (top, left), (_, right) in merged if right - left + 1 >= max(3, (body.width - 1) // 2)]
    told = body.select(
        "_row",
        blank=first_cell.is_null(),
        footer=first_cell.str.contains(_FOOTER),
        nil=first_cell.str.contains(_NIL_RETURN),
        section=first_cell.str.contains(_SECTION) | pl.col("_row").is_in(across),
        remark=first_cell.str.contains(_REMARK),
        alone=pl.sum_horizontal(pl.exclude("_row").is_not_null()) == 1,
        totalish=pl.any_horizontal(pl.col(labels).str.ends_with(end) for end in ("计", "计:", "计："))
        if labels
        else pl.lit(False),
    )
    rows = told["_row"].to_list()
    total = frozenset(
        rows[i]
        for i in told["totalish"].fill_null(False).arg_true()
        if any(_TOTAL.fullmatch("".join((c or "").split())) for c in body.select(labels).row(i))
    )
    footer = told["footer"].fill_null(False)
    ended = footer.cum_max() & told["alone"]
    if body.width > 2:
        after = (
            told["alone"] & (told["remark"] | told["section"]) | told["blank"] | told["_row"].is_in(list(total))
        ).fill_null(False)
        ended |= after.cum_min(reverse=True) & told["alone"]
    footers = frozenset(told["_row"].filter(footer | ended).to_list()) - total
    sections = told["_row"].filter(told["section"].fill_null(False) & told["alone"]) if body.width > 2 else ()
    return Kinds(
        blank=frozenset(told["_row"].filter(told["blank"]).to_list()),
        total=total,
        footer=footers,
        section=frozenset(sections) - total - footers,
        nil_return=bool(told["nil"].any()),
    )


def stripped(sheet: Sheet, first: int, end: int) -> pl.DataFrame:
    """Rows first to end (counted from 0, end not included) as stripped texts, null where blank, with Excel's ``_row``."""
    return (
        sheet.rows.with_row_index("_row", 1)[first:end]
        .with_columns(pl.exclude("_row").str.strip_chars().replace("", None))
    )  # fmt: skip


def find_tables(sheet: Sheet, first: int = 0, end: int | None = None) -> list[Table]:
    """The tables that nobody has described in a sheet (or in its rows first to end, counted from 0, end not included), from the
    top: a header is a run of rows of short names, each of another thing, as wide as what is below them and above the first
    values; it ends the table before it, unless it says the same.
    """
    end = sheet.rows.height if end is None else end
    cells = grid(sheet, range(first, end))
    right, reaching = spread(cells, sheet.merged), _reaching_down(sheet.merged)
    tables: list[Table] = []
    row = first
    while row < end:
        block = _block(cells, right, reaching, row)
        current = tables[-1] if tables else None
        if block is None or (current and not _interrupts(cells, current, block)):
            row += 1
            continue
        if current and _again(current.block, block):
            told = {r: cells[r] for r in range(block.first, block.last + 1)}
            tables[-1] = Table(current.block, current.start, current.end, {**current.again, **told})
        else:
            start = _titles_above(cells, block.first, current.block.last + 1) if current else first
            if current:
                tables[-1] = Table(current.block, current.start, start, current.again)
            tables.append(Table(block, start, end, {}))
        row = block.last + 1
    return tables


def broken_off(
    sheet: Sheet,
    block: Block,
    end: int,
    valued: Sequence[int],
    header_word: Callable[[str], bool],
    again: Iterable[int],
) -> int | None:
    """The row where a table of another thing begins below one whose header is known, with its titles; None when none does.

    ``valued`` are the positions where that table has numbers, dates or ids. A row of names below it is a header when half of
    its cells are such as headers have, or it says again what the known header says at the same place, or a title stands right
    above it and what follows has no values where the known table has them. Anything else is a bad row of the known table.
    """
    body = sheet.rows[block.last + 1 : end].with_row_index("_row")
    filled = pl.sum_horizontal(pl.exclude("_row").is_not_null())
    no_number = [~pl.col(c).str.contains(r"\d").fill_null(False) for p in valued if (c := str(p)) in body.columns]
    first, *others = no_number or [(filled <= 1).shift(1, fill_value=False)]
    hits = body.filter(first).filter(filled > 1, *others)["_row"].to_list()  # most rows have a number in the first
    seen = set(again)
    likely = [row for hit in hits[:_MOST_LIKELY] if (row := hit + block.last + 1) not in seen]
    reach = LEVELS + 2 + _LOOKED_AT
    cells = grid(
        sheet, sorted({r for row in likely for r in range(max(row - 1, block.last + 1), min(row + reach, end))})
    )
    right, reaching = spread(cells, sheet.merged), _reaching_down(sheet.merged)
    for row in likely:
        found = _block(cells, right, reaching, row)
        if found is None:
            continue
        words = [cell for r in range(found.first, found.last + 1) for cell in cells[r].values()]
        known = sum(map(header_word, words))
        same = any(block.paths.get(p, "").rpartition("/")[2] == cell for p, cell in cells[row].items())
        titled = len(cells.get(row - 1, ())) == 1 and not any(map(_ends_a_table, cells[row - 1].values()))
        below = [cells[r] for r in range(found.last + 1, found.last + 1 + _LOOKED_AT) if len(cells.get(r, ())) > 1]
        alike = sum(_is_value(r.get(p, "")) for r in below for p in valued)
        if (
            (known >= 2 and 2 * known >= len(words))
            or same
            or (titled and valued and 2 * alike < len(below) * len(valued))
        ):
            return titles_above(sheet, row, block.last + 1)
    return None


def titles_above(sheet: Sheet, first: int, floor: int) -> int:
    """The row where the titles above a header begin: blank ones and those with one cell only, not above ``floor``."""
    return _titles_above(grid(sheet, range(floor, first)), first, floor)


def _titles_above(cells: Grid, first: int, floor: int) -> int:
    row = first
    while row > floor and len(cells[row - 1]) <= 1:
        row -= 1
    while row < first and floor and any(_ends_a_table(c) for c in cells[row].values()):
        row += 1
    return row


def _ends_a_table(cell: str) -> bool:
    return bool(re.search(_FOOTER, cell) or _TOTAL.fullmatch(cell))


def _reaching_down(merged: Iterable[Merged]) -> dict[int, int]:
    """Row → the lowest top of the merged cells that reach from it into the next."""
    found: dict[int, int] = {}
    for (top, _), (bottom, _) in merged:
        for row in range(top, bottom):
            found[row] = max(top, found.get(row, top))
    return found


def _block(
    cells: Grid, right: Mapping[int, Mapping[int, str]], reaching: Mapping[int, int], first: int
) -> Block | None:
    """The header that begins in a row, when one does."""
    row = cells[first]
    names = [c for c in row.values() if _is_label(c) or _YEAR.fullmatch(c)]
    if len(names) < 2 or len(set(names)) < len(names) or not any(map(_is_label, names)) or not _only_names(row):
        return None
    last = first
    while last + 1 < first + LEVELS and _has_level_below(cells, right, reaching, first, last):
        last += 1
    named = paths(cells, right, first, last)
    block = with_rows_below(cells, Block(first, last, named))
    widths: list[int] = []
    for r in range(block.last + 1, block.last + 1 + _LOOKED_AT):
        if len(cells.get(r, ())) > 1:
            widths.append(len(cells[r]))
        elif widths:  # what stands below a gap may be another table
            break
    if len(named) < 2 or not widths or len(named) < _COVERS * max(widths):
        return None
    return block


def _has_level_below(
    cells: Grid, right: Mapping[int, Mapping[int, str]], reaching: Mapping[int, int], first: int, last: int
) -> bool:
    """Whether the row under ``last`` is one more level: merged cells reach into it or over it, or it names what stood blank."""
    below = cells.get(last + 1, {})
    if not below or not _only_names(below):
        return False
    if reaching.get(last, -1) >= first:
        return True
    if any(p in right.get(last, ()) and right[last][p] != c for p, c in below.items()):
        return True
    named = set().union(*(cells[r] for r in range(first, last + 1)))
    span = range(min(named), max(max(named), max(below)) + 1)
    blank = set(span) - named
    return bool(blank & set(below)) and not all(_BARE_UNIT.fullmatch(c) for c in below.values())


def _interrupts(cells: Grid, table: Table, block: Block) -> bool:
    """Whether a row of names below a table is a header: names stand where the table has values, or it says the same again."""
    nearest = range(max(table.block.last + 1, block.first - _NEAREST), block.first)
    body = [r for r in nearest if r not in table.again and len(cells[r]) > 1]
    if _again(table.block, block):
        return True
    if not body:
        return False
    valued = {
        p
        for p in table.block.paths
        if 2 * sum(_is_value(cells[r][p]) for r in body if p in cells[r]) > sum(p in cells[r] for r in body)
    }
    named = valued & set(block.paths)
    gap = any(len(cells[r]) <= 1 for r in range(block.first - 1, body[-1], -1))
    return 2 * len(named) >= len(valued) > 0 if valued else gap


def _again(block: Block, other: Block) -> bool:
    """Whether a header says what another said, in the same columns, if in other words here and there."""
    if block.last - block.first != other.last - other.first or not set(other.paths) <= set(block.paths):
        return False
    alike = [SequenceMatcher(None, block.paths[p], text).ratio() for p, text in other.paths.items()]
    return min(alike) >= _ALIKE and 2 * sum(a == 1 for a in alike) >= len(alike)


def _only_names(row: Mapping[int, str]) -> bool:
    return all(_is_label(c) or _YEAR.fullmatch(c) or _BARE_UNIT.fullmatch(c) for c in row.values()) and not any(
        _ends_a_table(c) for c in row.values() if len(row) < 3
    )


def _is_label(cell: str) -> bool:
    return len(cell) <= HEADER_CELL and not _is_value(cell) and not _NO_LABEL.search(cell)


def _is_value(cell: str) -> bool:
    return len(cell) <= HEADER_CELL and bool(_VALUE.fullmatch(cell))


def _numbers_columns(row: Mapping[int, str], after: Mapping[int, str], block: Block) -> bool:
    """Whether a row numbers the columns (``甲 乙 1 2``): all of at least four, one after the other, and no list of rows begins."""
    cells = list(row.values())
    if len(cells) < max(_NUMBERED_FROM, len(block.paths)) or not all(_COLUMN_NUMBER.fullmatch(c) for c in cells):
        return False
    numbers = [int(found[0]) for c in cells if (found := re.match(r"\d+", c.strip("（(")))]
    counted = len(numbers) > 1 and numbers == list(range(numbers[0], numbers[0] + len(numbers))) and numbers[0] <= 2
    return counted and (len(numbers) < len(cells) or next(iter(after.values()), "") != "2")
