"""Which table of a sheet is an extract's: its header, what each column of it is called in a contract, and which rows are data.

How headers, totals and footers look is shape's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakKeyDictionary

import polars as pl

from pipelines.intake import shape
from pipelines.intake.contract import Contract, header_forms
from pipelines.intake.reader import Sheet
from pipelines.intake.refusal import FAULTS, LETTER, ORIGINAL_ROW, REASON
from pipelines.intake.shape import Block, Grid
from pipelines.intake.workbook import Merged

SEARCHED = 200  # rows of a sheet that are read to recognise it
_TOP = 40  # rows with anything in them among which the first header is looked for
_ALIKE = 0.5  # at least so alike (0–1) must header and contract be
_WORD_BONUS = 0.2
_OPTIONAL = 0.25  # how much of a column it is not to find an optional one
_COLUMNS_ABOVE, _ROWS_ABOVE = 3, 2  # a table of another thing above the first header is at least so large
_MOST_HEADERS = 2_000  # rows below the top that may be headers
_SEARCHED_FOR_OTHERS = 20_000  # rows; what is longer and no extract's is one table
_SHEETS_REMEMBERED, _HEADERS_REMEMBERED = 64, 1 << 14
_VALUED = ("integer", "decimal", "amount", "date", "month", "id_number", "household_no")

_MONEY_UNIT = re.compile(r"(?<![填报送制表管])单位[:：][^:：]*?(亿元|万元|千元|元)")
_HEADER_UNIT = re.compile(r"[(（](?:单位[:：])?(亿元|万元|千元|元)[)）]")
_YUAN = {"元": 1, "千元": 10**3, "万元": 10**4, "亿元": 10**8}


@dataclass(frozen=True)
class Header:
    """A header found for one contract in one sheet. Rows count from 0; ``paths`` holds every headed column, levels joined.

    ``columns`` maps a column's position to the contract's column; ``unknown`` lists headed positions that no column claims,
    ``twice`` the contract's columns that more than one position claims. ``rivals`` are the rows of other headers that fit, with
    no data between, so that nobody can tell; ``again`` the rows of the same header come again. The table has the rows from
    ``start`` (its titles) up to ``end``; ``units`` is what a row of units under the names says of a column. A table without a
    header, read by the contract's positions, has its first data row as ``first`` and the row above it as ``last``.
    """

    first: int
    last: int
    paths: Mapping[int, str]
    columns: Mapping[int, str]
    unknown: tuple[int, ...]
    likeness: float
    rivals: tuple[int, ...] = ()
    again: tuple[int, ...] = ()
    start: int = 0
    end: int = 0
    units: Mapping[int, str] = field(default_factory=dict)

    @property
    def headerless(self) -> bool:
        return self.last < self.first

    @property
    def twice(self) -> dict[str, list[str]]:
        claims: dict[str, list[str]] = defaultdict(list)
        for position, name in self.columns.items():
            claims[name].append(self.paths[position])
        return {name: paths for name, paths in claims.items() if len(paths) > 1}


@dataclass(frozen=True)
class Other:
    """A table of a sheet that is not the extract's. Rows count from 0: titles begin at ``start``, ``end`` is not included.

    ``extract`` is the one whose it is (None: nobody knows it), ``whole`` when no column is missing that that one requires;
    ``rows`` counts its data rows.
    """

    start: int
    end: int
    first: int
    rows: int
    extract: str | None
    whole: bool


@dataclass(frozen=True)
class Rows:
    """The rows of a table, told apart. ``data`` has the headed columns by position, ``blank`` cells null, and ``_row``.

    ``skipped`` counts the others by reason; data.height plus their sum is the table's height.
    """

    data: pl.DataFrame
    skipped: Mapping[str, int]
    nil_return: bool = False
    unheaded: Mapping[int, int] = field(default_factory=dict)


_Claim = tuple[str, Mapping[int, str], tuple[int, ...], float]  # extract, columns, unknown, likeness


class Headers:
    """All headers of all contracts, to look up whole sheets in one pass."""

    def __init__(self, contracts: Mapping[str, Contract]) -> None:
        self._contracts = contracts
        self._owners: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self._words = set()
        for contract in contracts.values():
            for column in contract.columns:
                for header in column.headers:
                    self._words.update(header.split("/"))
                    for form in header_forms(header):
                        self._owners[form].add((contract.extract, column.name))
        self._ignored = {
            c.extract: {header_forms(i)[0] for i in (*c.ignored, REASON, ORIGINAL_ROW)} for c in contracts.values()
        }
        self._words |= {level for form in self._owners for level in form.split("/")}
        self._openers = self._words.union(*self._ignored.values())
        self._opener_words = pl.Series(sorted(self._openers), dtype=pl.String).implode()
        self._headers: dict[tuple[Any, ...], dict[str, list[Header]]] = {}
        self._claims: dict[tuple[tuple[int, str], ...], list[_Claim]] = {}
        self._laid_out: WeakKeyDictionary[Sheet, dict[str, tuple[list[Header], list[Other]]]] = WeakKeyDictionary()

    def title(self, extract: str) -> str:
        """What people call an extract."""
        return self._contracts[extract].title.zh

    def owners(self, path: str) -> set[tuple[str, str]]:
        """Extract and column of every contract's column that goes by this header."""
        plain, without_unit = header_forms(path)
        return self._owners.get(plain) or self._owners.get(without_unit) or set()

    def recognise(self, sheets: Sequence[Sheet], name: str) -> list[str]:
        """The extracts of a file after its headers, the likeliest first; none when none is like it.

        The contracts' ``recognise`` words, in file name, sheet name or title, break ties and decide where the headers are too
        broken to tell. Extracts after the first are those of further tables that hold all that their contracts require.
        """
        scores: dict[str, float] = defaultdict(float)
        words = name
        for sheet in sheets:
            words += sheet.name
            cells = _top(sheet)
            found = self._found(cells, sheet.merged)
            likely = [h.first for headers in found.values() for h in headers[:1] if h.likeness >= _ALIKE]
            top = min(likely, default=sorted(cells)[:6][-1] if cells else 0)
            words += "".join(cell for at, row in cells.items() if at < top for cell in row.values())
            for extract, headers in found.items():
                scores[extract] = max(scores[extract], headers[0].likeness)
        named = {e for e, c in self._contracts.items() if any(w in words for w in c.recognise)}
        likely_extracts = [e for e in self._contracts if scores[e] >= _ALIKE or e in named]
        best = max(likely_extracts, key=lambda e: scores[e] + _WORD_BONUS * (e in named), default=None)
        if best is None:
            return []
        others = (o.extract for sheet in sheets for o in self.laid_out(sheet, best)[1] if o.whole and o.rows)
        return [best, *dict.fromkeys(e for e in others if e)]

    def known_words(self, sheet: Sheet) -> list[str]:
        """The words at the top of a sheet that some contract has in a header: all that may be told of cells nobody has judged."""
        cells = dict.fromkeys(cell for row in _top(sheet).values() for cell in row.values())
        return [cell for cell in cells if self._is_header_word(cell)]

    def header(self, sheet: Sheet, extract: str) -> Header | None:
        """The header of that extract's first table in a sheet; None when nothing there is like it."""
        return next(iter(self.tables(sheet, extract)), None)

    def tables(self, sheet: Sheet, extract: str) -> list[Header]:
        """The headers of that extract in a sheet, from the top, one for each table; none when nothing there is like it.

        A header that comes again, the same columns at the same places, does not begin another table. A slip's own pages have none.
        """
        return self.laid_out(sheet, extract)[0]

    def laid_out(self, sheet: Sheet, extract: str) -> tuple[list[Header], list[Other]]:
        """The tables of that extract in a sheet and, apart from them, those of other things; together they take up all rows,
        when there is any of the first.
        """
        laid_out = self._laid_out.setdefault(sheet, {})
        if extract not in laid_out:
            laid_out[extract] = self._lay_out(sheet, extract)
        return laid_out[extract]

    def _lay_out(self, sheet: Sheet, extract: str) -> tuple[list[Header], list[Other]]:
        if of_slip(sheet) or not sheet.rows.width:
            return [], []
        cells = _top(sheet) | self._later(sheet)
        found = self._found(cells, sheet.merged)
        best = _best_at(found)
        fits = [h for h in found.get(extract, ()) if h.likeness + _WORD_BONUS >= best[h.last][1].likeness]
        few = min(3, len(self._contracts[extract].columns))
        if not fits or (fits[0].likeness < _ALIKE and len(fits[0].columns) < few):
            if header := _by_position(sheet, self._contracts[extract], self._is_header_word):
                return [header], []
            unread = self._others(sheet, 0, sheet.rows.height, best)
            return [], unread if any(o.extract for o in unread) else []
        chosen = fits[:1]
        for fit in fits[1:]:
            apart = all(fit.last < c.first or fit.first > c.last for c in chosen)
            if apart and fit.likeness >= max(_ALIKE, best[fit.last][1].likeness):
                chosen.append(fit)
        own: list[Header] = []
        others: list[Other] = []
        headers = _apart(sheet, [_with_rows_below(cells, c) for c in sorted(chosen, key=lambda c: c.first)], fits[0])
        while headers:
            header = headers.pop(0)
            start, end = self._bounds(sheet, header, extract)
            if after := [r for r in header.again if r >= end]:
                header, again = _parted(sheet, header, end, after)
                headers.insert(0, again)
            own.append(replace(header, start=start, end=end))
            for first, last in ((header.start, start), (end, header.end)):
                if first < last:
                    others += self._others(sheet, first, last, best) or [Other(first, last, first, 0, None, False)]
        return own, others

    def _bounds(self, sheet: Sheet, header: Header, extract: str) -> tuple[int, int]:
        """Where the titles of a table begin and its rows end when tables of other things stand above and below it."""
        start = header.start
        if start == 0 and header.first > _ROWS_ABOVE:
            above = shape.find_tables(sheet, 0, header.first)
            if any(len(t.block.paths) >= _COLUMNS_ABOVE and t.end - t.block.last > _ROWS_ABOVE for t in above):
                start = shape.titles_above(sheet, header.first, above[-1].block.last + 1)
        valued = [p for p, name in header.columns.items() if self._contracts[extract].column(name).type in _VALUED]
        block = Block(header.first, header.last, header.paths)
        seen = (*header.again, *(r for r in header.rivals if r > header.last))
        end = shape.broken_off(sheet, block, header.end, valued, self._is_header_word, seen)
        return start, header.end if end is None else end

    def _is_header_word(self, cell: str) -> bool:
        if len(cell) > shape.HEADER_CELL:
            return False
        plain, without_unit = header_forms(cell)
        return plain in self._words or without_unit in self._words

    def _others(self, sheet: Sheet, first: int, end: int, best: Mapping[int, tuple[str, Header]]) -> list[Other]:
        """The tables in a stretch of a sheet where no table of the extract is, each with what it is."""
        if end - first > _SEARCHED_FOR_OTHERS:
            return []
        others = []
        for i, table in enumerate(shape.find_tables(sheet, first, end)):
            block = table.block
            likely = [
                best[r] for r in range(block.first, block.last + 1) if r in best and best[r][1].likeness >= _ALIKE
            ]
            extract, header = max(likely, key=lambda known: known[1].likeness, default=(None, None))
            required = {c.name for c in self._contracts[extract].columns if c.required} if extract else set()
            body = shape.stripped(sheet, block.last + 1, table.end)
            kinds = shape.kinds(body, [str(p) for p in block.paths], sheet.merged)
            rows = body.height - len(kinds.others | {r + 1 for r in table.again})
            whole = header is not None and required <= set(header.columns.values())
            others.append(Other(table.start if i else first, table.end, block.first, rows, extract, whole))
        return others

    def _later(self, sheet: Sheet) -> dict[int, dict[int, str]]:
        """The rows below the top that begin with a header's word, and as many after each as a header may have."""
        if sheet.rows.height <= _TOP or not sheet.rows.width:
            return {}
        opener = pl.coalesce(pl.all()).str.replace_all(r"\s", "").is_in(self._opener_words)
        rows = sheet.rows.select(opener.fill_null(False)).to_series().arg_true()
        if rows.is_empty():
            return {}
        known = pl.col("value").str.replace_all(r"[\s*]", "").is_in(self._opener_words)
        cells = sheet.rows[rows].with_columns(row=rows).unpivot(index="row").drop_nulls().with_columns(known)
        enough = pl.col("value").sum() * 2 >= pl.max_horizontal(pl.len(), 3)
        likely = cells.group_by("row").agg(enough).filter("value").sort("row")
        hits = likely["row"][:_MOST_HEADERS].to_list()
        last = sheet.rows.height - 1
        return shape.grid(sheet, sorted({min(r + i, last) for r in hits for i in range(shape.LEVELS + 2)}))

    def _found(self, cells: Grid, merged: Iterable[Merged]) -> dict[str, list[Header]]:
        """Extract → headers that fit it at all, the likeliest first, the one with fewer rows before the one with more."""
        seen = (tuple((r, *row.items()) for r, row in cells.items()), tuple(merged))
        if seen not in self._headers:
            if len(self._headers) > _SHEETS_REMEMBERED:
                self._headers.clear()
            found: dict[str, list[Header]] = defaultdict(list)
            for block in self._candidates(cells, merged):
                for extract, columns, unknown, likeness in self._claimed(block.paths):
                    header = Header(block.first, block.last, block.paths, columns, unknown, likeness)
                    found[extract].append(header)
            self._headers[seen] = {e: sorted(headers, key=lambda h: -h.likeness) for e, headers in found.items()}
        return self._headers[seen]

    def _candidates(self, cells: Grid, merged: Iterable[Merged]) -> Iterator[Block]:
        """Every run of rows that may be a header. Fewer levels come first."""
        right = shape.spread(cells, merged)
        for last, row in cells.items():
            if not any(map(self._is_header_word, row.values())):
                continue
            for first in range(last, last - shape.LEVELS, -1):
                if not cells.get(first):
                    break
                yield Block(first, last, shape.paths(cells, right, first, last))

    def _claimed(self, paths: Mapping[int, str]) -> list[_Claim]:
        """The extracts that have columns of these headers, with what each makes of them. A month's headers are the last one's."""
        seen = tuple(paths.items())
        if seen in self._claims:
            return self._claims[seen]
        claims: dict[str, dict[int, str]] = defaultdict(dict)
        for position, path in seen:
            for extract, column in self.owners(path):
                claims[extract][position] = column
        forms = [(position, header_forms(path)[0]) for position, path in seen] if claims else []
        answer: list[_Claim] = []
        for extract, columns in claims.items():
            ignored = self._ignored[extract]
            unknown = tuple(p for p, form in forms if p not in columns and form not in ignored)
            matched = set(columns.values())
            absent = sum(
                1 if column.required else _OPTIONAL
                for column in self._contracts[extract].columns
                if column.name not in matched
            )
            likeness = 2 * len(matched) / (len(columns) + len(unknown) + len(matched) + absent)
            answer.append((extract, columns, unknown, likeness))
        if len(self._claims) > _HEADERS_REMEMBERED:
            self._claims.clear()
        self._claims[seen] = answer
        return answer


def of_slip(sheet: Sheet) -> bool:
    """Whether a sheet is a page that a return slip adds to a department's own: its letter, its list of faults."""
    return bool(sheet.rows.width and sheet.rows.height) and sheet.rows[0, 0] in (LETTER, FAULTS)


def of_part_slip(header: Header) -> bool:
    """Whether a header is that of a slip's page on which only faulty rows stand."""
    return any(header_forms(path)[0] == ORIGINAL_ROW for path in header.paths.values())


def yuan(header: str) -> int | None:
    """How many yuan one unit in the brackets of a header is; None when they name no money."""
    found = _HEADER_UNIT.search(header)
    return _YUAN[found[1]] if found else None


def column_yuan(header: Header, position: int, above: int) -> int:
    """How many yuan one is in a column: after its header, else the row of units under it, else ``above``."""
    return yuan(header.paths[position]) or _YUAN.get(header.units.get(position, ""), above)


def sheet_yuan(sheet: Sheet, header: Header) -> int:
    """How many yuan one is after a ``单位：万元`` above or in the header, else above the first table; 1 when nothing is said."""
    for start, end in ((header.start, header.last + 1), (0, min(SEARCHED, header.start))):
        if found := _MONEY_UNIT.search(text_of(sheet, start, end)):
            return _YUAN[found[1]]
    return 1


def rows_of_other(sheet: Sheet, other: Other) -> Rows:
    """All rows of a table that is not the extract's: none is data."""
    rows = sheet.rows[other.start : other.end]
    blank = rows.filter(shape.is_blank()).height
    return Rows(pl.DataFrame(), _counted(blank=blank, other_table=rows.height - blank))


def tell_rows_apart(sheet: Sheet, header: Header | None, contract: Contract | None) -> Rows:
    """Data rows of a table and a count of every other row by reason: title, header, blank, total, footer, section, no_table,
    slip.

    Without a header nothing is data: what is not blank is ``no_table``, on a return slip's own pages all is ``slip``.
    """
    if of_slip(sheet):
        return Rows(pl.DataFrame(), _counted(slip=sheet.rows.height))
    if header is None or contract is None:
        blank = sheet.rows.filter(shape.is_blank()).height if sheet.rows.width else sheet.rows.height
        return Rows(pl.DataFrame(), _counted(blank=blank, no_table=sheet.rows.height - blank))
    above = sheet.rows[header.start : header.first]
    body = shape.stripped(sheet, header.last + 1, header.end)
    if header.again:
        body = body.filter(~pl.col("_row").is_in([r + 1 for r in header.again]))
    headed = [str(p) for p in header.paths]
    labels = [str(p) for p in header.paths if _is_label(contract, header.columns.get(p))]
    kinds = shape.kinds(body, labels, sheet.merged)
    data = _filled_down(body, header, contract, kinds.total | kinds.footer | kinds.section)
    data = data.filter(~pl.col("_row").is_in(list(kinds.others))) if kinds.others else data
    spare = [c for c in body.columns if c not in headed and c != "_row"]
    unheaded = {int(c): cells for c in spare if (cells := data.height - data[c].null_count())}
    blank_above = above.filter(shape.is_blank()).height if above.width else above.height
    return Rows(
        data.select("_row", *headed),
        _counted(
            title=header.first - header.start - blank_above,
            header=header.last - header.first + 1 + len(header.again),
            blank=blank_above + len(kinds.blank),
            total=len(kinds.total),
            footer=len(kinds.footer),
            section=len(kinds.section),
        ),
        kinds.nil_return,
        unheaded,
    )


def _by_position(sheet: Sheet, contract: Contract, header_word: Callable[[str], bool]) -> Header | None:
    """The table of a sheet without a header, where the contract gives its columns' positions; None when it does not look so.

    Its first row is the first with half of the required cells and not mostly header's words. Half of the cells of required
    numbers, dates and ids below must have digits.
    """
    columns = {p: name for p, name in enumerate(contract.positions) if name}
    required = [str(p) for p, name in columns.items() if contract.column(name).required]
    if not set(required) & set(sheet.rows.columns):
        return None
    here = [c for c in required if c in sheet.rows.columns]
    filled = pl.sum_horizontal(pl.col(here).is_not_null()) * 2 >= len(required)
    rows = sheet.rows.select(filled).to_series().arg_true()
    if rows.is_empty():
        return None
    first = int(rows[0])
    words = shape.grid(sheet, [first])[first].values()
    valued = [c for c in here if contract.column(columns[int(c)]).type in _VALUED]
    digits = sheet.rows[rows[:SEARCHED]].select(pl.col(valued).str.contains(r"\d").fill_null(False).sum()).row(0)
    if 2 * sum(map(header_word, words)) >= len(words) or 2 * sum(digits) < len(valued) * min(len(rows), SEARCHED):
        return None
    slip_column = sheet.rows.select(pl.all().drop_nulls().str.starts_with(REASON).all() & pl.all().is_not_null().any())
    paths = {p: contract.column(name).title.zh for p, name in columns.items() if str(p) in sheet.rows.columns}
    paths |= {int(c.name): REASON for c in slip_column if c[0]}
    named = {p: name for p, name in columns.items() if p in paths}
    return Header(first, first - 1, paths, named, (), 0, end=sheet.rows.height)


def _best_at(found: Mapping[str, Sequence[Header]]) -> dict[int, tuple[str, Header]]:
    """The last row of every header → the likeliest extract and header there."""
    best: dict[int, tuple[str, Header]] = {}
    for extract, headers in found.items():
        for header in headers:
            if header.last not in best or header.likeness > best[header.last][1].likeness:
                best[header.last] = extract, header
    return best


def _apart(sheet: Sheet, headers: Sequence[Header], best: Header) -> list[Header]:
    """Headers one below the other, each with its stretch of the sheet: another table, the same again, or a rival of the best."""
    told: list[Header] = []
    for header in headers:
        before = told[-1] if told else None
        if before is None:
            told.append(header)
            continue
        reached = max(before.last, *before.again, *before.rivals, -1)
        between = shape.stripped(sheet, reached + 1, header.first)
        filled = pl.sum_horizontal(pl.exclude("_row").is_not_null())
        rows = tuple(range(header.first, header.last + 1))
        if not between.select((filled > 1).any()).item():
            kept, rival = (before, header) if before.last == best.last or header.last != best.last else (header, before)
            told[-1] = replace(kept, start=before.start, rivals=tuple(sorted({*before.rivals, rival.last})))
        elif header.columns == before.columns and header.paths.keys() == before.paths.keys():
            told[-1] = replace(before, again=(*before.again, *rows))
        else:
            start = shape.titles_above(sheet, header.first, reached + 1)
            told[-1] = replace(before, end=start)
            told.append(replace(header, start=start))
    return [replace(h, end=h.end or sheet.rows.height) for h in told]


def _parted(sheet: Sheet, header: Header, end: int, after: Sequence[int]) -> tuple[Header, Header]:
    """A table that another breaks off at ``end``, and what follows its own header when that comes again ``after``."""
    last = next(r for r in after if r + 1 not in after)
    start = shape.titles_above(sheet, after[0], end + 1)
    again = replace(
        header, first=after[0], last=last, start=start, again=tuple(r for r in after if r > last), rivals=()
    )
    return replace(header, end=start, again=tuple(r for r in header.again if r < end)), again


def _with_rows_below(cells: Grid, header: Header) -> Header:
    block = shape.with_rows_below(cells, Block(header.first, header.last, header.paths))
    return replace(header, last=block.last, units=block.units)


def _filled_down(body: pl.DataFrame, header: Header, contract: Contract, others: frozenset[int]) -> pl.DataFrame:
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


def _top(sheet: Sheet) -> dict[int, dict[int, str]]:
    """The cells of the first rows that have any."""
    if not sheet.rows.width:
        return {}
    filled = [i for i, row in enumerate(sheet.rows.head(SEARCHED).rows()) if any(row)][:_TOP]
    if len(filled) < _TOP and sheet.rows.height > SEARCHED:
        filled = sheet.rows.select(pl.any_horizontal(pl.all().is_not_null())).to_series().arg_true()[:_TOP].to_list()
    return shape.grid(sheet, filled)


def text_of(sheet: Sheet, first: int, end: int) -> str:
    """What the rows of a sheet say, cell by cell; rows count from 0."""
    return "\n".join(
        cell for row in shape.grid(sheet, range(first, min(end, sheet.rows.height))).values() for cell in row.values()
    )


def _is_label(contract: Contract, column: str | None) -> bool:
    return column is None or contract.column(column).type not in (
        "integer",
        "decimal",
        "amount",
        "date",
        "month",
        "yes_no",
    )


def _counted(**reasons: int) -> dict[str, int]:
    return {reason: n for reason, n in reasons.items() if n}
