"""Where the table is in a sheet: its header, what each column of it is called in a contract, and which rows are not data."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from pipelines.intake.contract import Contract, header_forms
from pipelines.intake.reader import Sheet
from pipelines.intake.workbook import Merged

SEARCHED = 40  # rows of a sheet in which a header is looked for
_LEVELS = 4  # levels that a header may have
_ALIKE = 0.5  # at least so alike (0–1) must header and contract be
_WORD_BONUS = 0.2

_TOTAL = re.compile(r".{0,12}(合计|小计|总计|共计)[:：]?")
_FOOTER = (
    r"^(填表|制表|填报|统计|审核|经办|负责|联系|复核|上报|报送|打印|导出|单位负责|分管)[^:：]{0,8}[:：]"
    r"|^(注|备注|说明|附注|注释)[:：\d①]|^（?盖章|^本月无|^零报告"
)
_NIL_RETURN = "^(本月无|零报告)"
_MONEY_UNIT = re.compile(r"(?<![填报送制表管])单位[:：][^:：]*?(亿元|万元|千元|元)")
_HEADER_UNIT = re.compile(r"[(（](?:单位[:：])?(亿元|万元|千元|元)[)）]")
_YUAN = {"元": 1, "千元": 10**3, "万元": 10**4, "亿元": 10**8}
_MONTH = re.compile(r"(?<![表报送印][时日][间期][:：])(?<!\d)(20\d\d)年(\d{1,2})月(?!份?\d{1,2}日)")
_AS_OF = re.compile(r"截[至止]到?(20\d\d)年(\d{1,2})月\d{1,2}日")
_FILE_MONTH = re.compile(r"(?<!\d)(20\d\d)[-._](\d{1,2})(?![-._]?\d)|(?<!\d)(20\d\d)(0[1-9]|1[0-2])(?!\d)")

Grid = list[dict[int, str]]  # the top rows of a sheet: position → text without white space, of the cells that have any


@dataclass(frozen=True)
class Header:
    """The header found for one contract in one sheet. Rows count from 0; ``paths`` holds every headed column, levels joined.

    ``columns`` maps a column's position to the contract's column; ``unknown`` lists headed positions that no column claims,
    ``twice`` the contract's columns that more than one position claims, ``rivals`` the rows of other headers that fit too.
    """

    first: int
    last: int
    paths: Mapping[int, str]
    columns: Mapping[int, str]
    unknown: tuple[int, ...]
    likeness: float
    rivals: tuple[int, ...] = ()

    @property
    def twice(self) -> dict[str, list[str]]:
        claims: dict[str, list[str]] = defaultdict(list)
        for position, name in self.columns.items():
            claims[name].append(self.paths[position])
        return {name: paths for name, paths in claims.items() if len(paths) > 1}


@dataclass(frozen=True)
class Rows:
    """The rows of a sheet, told apart. ``data`` has the headed columns by position, ``blank`` cells null, and ``_row``.

    ``skipped`` counts the others by reason; data.height plus their sum is the sheet's height.
    """

    data: pl.DataFrame
    skipped: Mapping[str, int]
    repeated_headers: tuple[int, ...] = ()
    nil_return: bool = False
    unheaded: Mapping[int, int] = field(default_factory=dict)


class Headers:
    """All headers of all contracts, to look up whole sheets in one pass."""

    def __init__(self, contracts: Mapping[str, Contract]) -> None:
        self._contracts = contracts
        self._owners: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for contract in contracts.values():
            for column in contract.columns:
                for header in column.headers:
                    for form in header_forms(header):
                        self._owners[form].add((contract.extract, column.name))
        self._words = {level for form in self._owners for level in form.split("/")}

    def recognise(self, sheets: Iterable[Sheet], name: str) -> str | None:
        """The extract of a file after its headers; None when none is like it.

        The contracts' ``recognise`` words, in file name, sheet name or title, break ties and decide where the headers are too
        broken to tell.
        """
        scores: dict[str, float] = defaultdict(float)
        words = name
        for sheet in sheets:
            words += sheet.name
            grid = _grid(sheet)
            found = self._found(grid, sheet.merged)
            top = min((h.first for h in found.values() if h.likeness >= _ALIKE), default=5)
            words += "".join(cell for row in grid[:top] for cell in row.values())
            for extract, header in found.items():
                scores[extract] = max(scores[extract], header.likeness)
        named = {e for e, c in self._contracts.items() if any(w in words for w in c.recognise)}
        likely = [e for e in self._contracts if scores[e] >= _ALIKE or e in named]
        return max(likely, key=lambda e: scores[e] + _WORD_BONUS * (e in named), default=None)

    def known_words(self, sheet: Sheet) -> list[str]:
        """The words at the top of a sheet that some contract has in a header: all that may be told of cells nobody has judged."""
        cells = dict.fromkeys(cell for row in _grid(sheet) for cell in row.values())
        return [cell for cell in cells if self._words.intersection(header_forms(cell))]

    def header(self, sheet: Sheet, extract: str) -> Header | None:
        """The best header of that extract in a sheet; None when nothing there is like it."""
        found = self._found(_grid(sheet), sheet.merged, extract).get(extract)
        contract = self._contracts[extract]
        if found is None or (found.likeness < _ALIKE and len(found.columns) < min(3, len(contract.columns))):
            return None
        return found

    def _found(self, grid: Grid, merged: Iterable[Merged], only: str | None = None) -> dict[str, Header]:
        best: dict[str, Header] = {}
        others: dict[str, list[Header]] = defaultdict(list)
        for first, last, paths in self._candidates(grid, merged):
            for header in self._matches(first, last, paths, only):
                extract, fit = header
                others[extract].append(fit)
                if extract not in best or fit.likeness > best[extract].likeness:
                    best[extract] = fit
        for extract, fit in best.items():
            apart = [o for o in others[extract] if o.last < fit.first or o.first > fit.last]
            rivals = sorted({o.last for o in apart if o.likeness >= _ALIKE})
            best[extract] = replace(fit, rivals=tuple(rivals))
        return best

    def _candidates(self, grid: Grid, merged: Iterable[Merged]) -> Iterator[tuple[int, int, dict[int, str]]]:
        """Every run of up to four rows that may be a header: first row, last row, position → path. Fewer levels come first."""
        spread = _spread(grid, merged)
        for last, row in enumerate(grid):
            if not any(self._words.intersection(header_forms(cell)) for cell in row.values()):
                continue
            for first in range(last, max(last - _LEVELS, -1), -1):
                if not grid[first]:
                    break
                yield first, last, _paths(grid, spread, first, last)

    def _matches(self, first: int, last: int, paths: dict[int, str], only: str | None) -> Iterator[tuple[str, Header]]:
        claims: dict[str, dict[int, str]] = defaultdict(dict)
        for position, path in paths.items():
            plain, without_unit = header_forms(path)
            for extract, column in self._owners.get(plain) or self._owners.get(without_unit) or ():
                claims[extract][position] = column
        for extract, columns in claims.items():
            if only not in (None, extract):
                continue
            contract = self._contracts[extract]
            ignored = {header_forms(i)[0] for i in contract.ignored}
            unknown = tuple(p for p, t in paths.items() if p not in columns and header_forms(t)[0] not in ignored)
            matched = len(set(columns.values()))
            likeness = 2 * matched / (len(columns) + len(unknown) + len(contract.columns))
            yield extract, Header(first, last, paths, columns, unknown, likeness)


def yuan(header: str) -> int | None:
    """How many yuan one unit in the brackets of a header is; None when they name no money."""
    found = _HEADER_UNIT.search(header)
    return _YUAN[found[1]] if found else None


def sheet_yuan(sheet: Sheet, header: Header) -> int:
    """How many yuan one is after a ``单位：万元`` above or in the header; 1 when nothing is said."""
    above = "\n".join(cell for row in _grid(sheet)[: header.last + 1] for cell in row.values())
    return _YUAN[found[1]] if (found := _MONEY_UNIT.search(above)) else 1


def months_named(name: str, sheet: Sheet | None = None, header: Header | None = None) -> set[str]:
    """The months (YYYY-MM) that a file name claims, or the title above a header. A day of sending names no month."""
    if sheet is None:
        plain = "".join(name.split())
        found = _MONTH.findall(plain) + [(a or c, b or d) for a, b, c, d in _FILE_MONTH.findall(plain)]
    else:
        above = _grid(sheet)[: header.first if header else 5]
        plain = "\n".join(cell for row in above for cell in row.values())
        found = _MONTH.findall(plain) + _AS_OF.findall(plain)
    return {f"{year}-{int(month):02d}" for year, month in found if 1 <= int(month) <= 12}


def tell_rows_apart(sheet: Sheet, header: Header | None, contract: Contract | None) -> Rows:
    """Data rows of a sheet and a count of every other row by reason: title, header, blank, total, footer, no_table.

    Without a header nothing is data: what is not blank is ``no_table``.
    """
    if header is None or contract is None:
        blank = sheet.rows.filter(_blank()).height if sheet.rows.width else sheet.rows.height
        return Rows(pl.DataFrame(), _counted(blank=blank, no_table=sheet.rows.height - blank))
    above = sheet.rows[: header.first]
    body = sheet.rows.with_row_index("_row", 1)[header.last + 1 :]
    body = body.with_columns(pl.exclude("_row").str.strip_chars().replace("", None))
    headed = [str(p) for p in header.paths]
    labels = [str(p) for p in header.paths if _is_label(contract, header.columns.get(p))]
    first_cell = pl.coalesce(pl.exclude("_row"))
    filled = pl.sum_horizontal(pl.exclude("_row").is_not_null())

    kinds = body.select(
        "_row",
        blank=first_cell.is_null(),
        footer=first_cell.str.contains(_FOOTER),
        nil=first_cell.str.contains(_NIL_RETURN),
        alone=filled == 1,
        totalish=pl.any_horizontal(pl.col(labels).str.ends_with(end) for end in ("计", "计:", "计：")),
        headers=pl.sum_horizontal(pl.col(str(p)) == _cell(sheet, header.last, p) for p in header.columns),
    )  # fmt: skip
    rows = kinds["_row"].to_list()
    total = {
        rows[i]
        for i in kinds["totalish"].fill_null(False).arg_true()
        if any(_TOTAL.fullmatch("".join((c or "").split())) for c in body.select(labels).row(i))
    }
    footer = kinds["footer"].fill_null(False)
    started = footer.cum_max()
    footers = set(kinds["_row"].filter(footer | (started & kinds["alone"])).to_list()) - total
    blanks = set(kinds["_row"].filter(kinds["blank"]).to_list())
    repeated = kinds["_row"].filter(kinds["headers"] >= max(2, (len(header.columns) + 1) // 2)).to_list()

    data = _filled_down(body, header, contract, total | footers)
    others = total | footers | blanks
    data = data.filter(~pl.col("_row").is_in(list(others))) if others else data
    spare = [c for c in body.columns if c not in headed and c != "_row"]
    unheaded = {int(c): cells for c in spare if (cells := data.height - data[c].null_count())}
    blank_above = above.filter(_blank()).height if above.width else above.height
    return Rows(
        data.select("_row", *headed),
        _counted(
            title=header.first - blank_above,
            header=header.last - header.first + 1,
            blank=blank_above + len(blanks),
            total=len(total),
            footer=len(footers),
        ),
        tuple(repeated),
        bool(kinds["nil"].any()),
        unheaded,
    )


def _filled_down(body: pl.DataFrame, header: Header, contract: Contract, others: set[int]) -> pl.DataFrame:
    columns = [str(p) for p, name in header.columns.items() if contract.column(name).merged_down]
    if not columns:
        return body
    other = pl.col("_row").is_in(list(others))
    return body.with_columns(
        pl.when(other & pl.col(c).str.contains(r"计[:：]?$|[:：]"))
        .then(None)
        .otherwise(pl.col(c))
        .forward_fill()
        .alias(c)
        for c in columns
    )


def _spread(grid: Grid, merged: Iterable[Merged]) -> dict[int, dict[int, str]]:
    """Row → position → text that a merged cell spreads to the right; only rows that have one."""
    spread: dict[int, dict[int, str]] = defaultdict(dict)
    for (top, left), (_, right) in merged:
        if top < len(grid) and left < right and left in grid[top]:
            spread[top].update(dict.fromkeys(range(left, right + 1), grid[top][left]))
    return spread


def _paths(grid: Grid, spread: Mapping[int, Mapping[int, str]], first: int, last: int) -> dict[int, str]:
    """Position → header of the rows first to last. Without merged cells an upper level reaches right over blanks, but only
    where a lower level has text.
    """
    paths: dict[int, list[str]] = defaultdict(list)
    positions = sorted(set().union(*grid[first : last + 1]))
    for level in range(first, last + 1):
        reach = ""
        for before, position in zip([-1, *positions], positions, strict=False):
            own = grid[level].get(position, "")
            below = any(position in lower for lower in grid[level + 1 : last + 1])
            if own or not below or position > before + 1:
                reach = own if below else ""
            text = own or (below and (spread[level].get(position, "") if level in spread else reach))
            if text and text not in paths[position][-1:]:
                paths[position].append(text)
    return {p: "/".join(parts) for p, parts in sorted(paths.items()) if parts}


def _grid(sheet: Sheet) -> Grid:
    positions = [int(name) for name in sheet.rows.columns]
    return [
        {p: "".join(cell.split()) for p, cell in zip(positions, row, strict=True) if cell and cell.strip()}
        for row in sheet.rows[:SEARCHED].rows()
    ]


def _cell(sheet: Sheet, row: int, position: int) -> str:
    return (sheet.rows[row, str(position)] or "\0").strip()


def _blank() -> pl.Expr:
    return pl.all_horizontal(pl.all().str.strip_chars().replace("", None).is_null())


def _is_label(contract: Contract, column: str | None) -> bool:
    return column is None or contract.column(column).type not in ("integer", "decimal", "amount", "date", "yes_no")


def _counted(**reasons: int) -> dict[str, int]:
    return {reason: n for reason, n in reasons.items() if n}
