"""Return slips 退回单: what was found in a file, as a workbook for the department that sent it, in its own rows and columns.

A slip shows the department's own cells in the clear. It goes back to that department and nowhere else: nothing of it belongs
in raw rows, the ledger or a release.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import count
from math import ceil
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.findings import Finding
from pipelines.intake.contract import Contract, header_forms
from pipelines.intake.ledger import Submission
from pipelines.intake.reader import Sheet, Unreadable, read_table
from pipelines.intake.refusal import FAULTS, LETTER, ORIGINAL_ROW, REASON
from pipelines.intake.status import CHINA
from pipelines.intake.table import Header, Headers, of_slip, tell_rows_apart
from pipelines.policy import Pack

WHOLE_ROWS = 5_000  # a longer file comes back as the rows with faults only
LISTED = 5_000  # faults that a slip names; a file with more has one cause, not so many

_QUOTED = 6  # clauses that a letter quotes
_COLUMNS = 16_000
_CELLS = 200_000  # on one page; two seconds' writing
_CELL = 16_000  # characters; Excel takes 32,767 UTF-16 units
_LETTER_PAGE, _FAULT_PAGE, _ENDING = "退回通知", "问题清单", "退回单.xlsx"
_NAME = 24  # characters of a sheet name or a part of a file name; Excel takes 31
_FORBIDDEN = re.compile(r"[\\/:*?\"<>|'\[\]\x00-\x1f]")
_REASON_WIDTH = 60
_A4 = 180  # so many columns' units stay readable on A4 across
_LINE = 18  # points; fonts that stand in for 宋体 need more than Excel's own height
_SHOWN = 200  # characters of a bad cell in the list of faults
_FAULT_COLUMNS = (
    ("序号", 6, "middle"), ("处理", 12, "middle"), ("工作表", 14, "cell"), ("单元格", 9, "middle"), ("列", 16, "cell"),
    ("单元格内容", 24, "bad"), ("问题", 32, "cell"), ("如何改正", 44, "cell"),
)  # fmt: skip
SKIPPED = {
    "title": "标题", "header": "表头", "blank": "空行", "total": "合计", "footer": "表尾说明", "section": "分段标题",
    "no_table": "没有表头的内容", "other_table": "另外的表", "slip": "退回单附页",
}  # fmt: skip
_RED, _DARK_RED, _PALE, _GREY = "#FFB3B3", "#8B0000", "#FFF6DC", "#E7EBF0"
_BOXED = {"border": 1, "text_wrap": True}
_STYLES: dict[str, dict[str, Any]] = {
    "plain": {},
    "head": {**_BOXED, "bold": True, "bg_color": _GREY, "align": "center"},
    "cell": _BOXED,
    "row": {**_BOXED, "bg_color": _PALE},
    "bad": {**_BOXED, "bold": True, "bg_color": _RED, "font_color": _DARK_RED},
    "reason": {**_BOXED, "bg_color": _PALE, "font_color": _DARK_RED},
    "middle": {**_BOXED, "align": "center"},
    "link": {**_BOXED, "align": "center", "font_color": "#1F4E9E", "underline": 1},
    "title": {"bold": True, "font_size": 16, "align": "center"},
    "warning": {"bold": True, "font_color": _DARK_RED},
    "label": {**_BOXED, "bold": True, "bg_color": _GREY},
    "body": {"text_wrap": True},
}

Links = dict[
    tuple[str, int], tuple[int, int]
]  # page, row of the sheet → row of the page, columns that stand before its own


@dataclass(frozen=True)
class _Page:
    """A sheet of the file, the headers in it from the top, and what its page is called in the slip."""

    sheet: Sheet
    headers: Sequence[Header]
    name: str

    def over(self, row: int) -> Header | None:
        """The header that a row (from 0) stands under or in, the first one for rows above."""
        return next((h for h in reversed(self.headers) if h.first <= row), self.headers[0] if self.headers else None)


@dataclass(frozen=True)
class _Place:
    """Where a finding is: the page, the row and the columns' positions, both counted from 0; what is not known is empty."""

    page: _Page | None = None
    row: int | None = None
    columns: tuple[int, ...] = ()

    @property
    def found(self) -> str:
        """The department's own cell, in the clear."""
        rows = self.page.sheet.rows if self.page else pl.DataFrame()
        if (
            self.row is None
            or len(self.columns) != 1
            or self.row >= rows.height
            or str(self.columns[0]) not in rows.columns
        ):
            return ""
        return rows[self.row, str(self.columns[0])] or ""


def to_mend(findings: Iterable[Finding]) -> bool:
    """Whether there is anything to send back for; notes only inform."""
    return any(f.severity != "note" for f in findings)


def slip_name(submission: Submission, contract: Contract | None, pack: Pack) -> str:
    """The file name of a submission's slip. Nothing in it is of the sender's choosing."""
    parts = (_sender(submission, contract, pack), contract.title.zh if contract else "无法识别的文件")
    return "_".join([str(submission.number), *(_FORBIDDEN.sub("", part)[:_NAME] for part in parts), _ENDING])


def slips_of(slips: Path, period: str) -> dict[int, Path]:
    """Submission number → its slip, for those of a month that have one in the folder of slips."""
    return {int(path.name.partition("_")[0]): path for path in (slips / period).glob(f"[0-9]*_{_ENDING}")}


def slip(
    data: bytes,
    submission: Submission,
    findings: Sequence[Finding],
    contract: Contract | None,
    headers: Headers,
    pack: Pack,
) -> bytes:
    """The .xlsx of a slip: a letter, the list of faults, and the department's sheets with the bad cells coloured.

    A file of up to ``WHOLE_ROWS`` rows comes back whole and in its own order: Excel's row numbers stay true, and the mended
    slip is a submission. Of a longer one only header and faulty rows come back, marked so that intake refuses them as a
    submission. Every text is written as text, never as a formula or a link. The same submission gives the same bytes.
    """
    import xlsxwriter

    pages = list(_pages(data, submission, contract, headers))
    whole = _fits(pages)
    placed = [(finding, _placed(finding, pages, contract)) for finding in findings[:LISTED]]
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    received = datetime.fromisoformat(submission.received_at).replace(tzinfo=None)
    book.set_properties({"title": LETTER, "created": received})
    base = {"font_name": "宋体", "font_size": 11, "valign": "vcenter", "num_format": "@"}
    styles = {name: book.add_format(base | style) for name, style in _STYLES.items()}
    letter, faults = book.add_worksheet(_LETTER_PAGE), book.add_worksheet(_FAULT_PAGE)
    links: Links = {}
    shown = [p for p in pages if whole or (p.headers and any(place.page is p for _, place in placed))]
    by_key = _by_key(contract, submission.state == "refused")
    for page in shown:
        marked = ((f, at) for f, at in placed if at.page is page and at.row is not None)
        mine = [
            (f, at) for f, at in marked if f.rule != "other_table"
        ]  # a word more in its header would hide the table
        links |= _data_page(book.add_worksheet(page.name), styles, page, mine, contract, whole, by_key)
    due = _due(submission, contract, pack)
    _letter(
        letter,
        styles,
        _sender(submission, contract, pack),
        *_words(submission, findings, contract, pack, due, shown, whole),
    )
    _fault_page(faults, styles, submission, placed, contract, links, due, len(findings))
    book.close()
    return out.getvalue()


def _sender(submission: Submission, contract: Contract | None, pack: Pack) -> str:
    """Who sent it: the department, or the township or village where each owes its own."""
    if contract is None:
        return "报送单位"
    own = {area.code: area.name for area in pack.areas if area.code != pack.area}
    return own.get(submission.area) or pack.department_name(contract.department, submission.period)


def _due(submission: Submission, contract: Contract | None, pack: Pack) -> str:
    """By when the mended file is wanted."""
    if contract is None or contract.kind == "occasional":
        return "请尽快改正后报回"
    deadline = pack.deadline(contract.extract, submission.period)
    late = datetime.fromisoformat(submission.received_at).astimezone(CHINA).date() > deadline
    return f"报送期限 {_day(deadline)}已过，请尽快改正后报回" if late else f"请于 {_day(deadline)}前改正后报回"


def _day(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def _pages(data: bytes, submission: Submission, contract: Contract | None, headers: Headers) -> Iterator[_Page]:
    """The sheets of a file with anything in them, pages of an earlier slip left out; none when it cannot be read."""
    try:
        sheets = read_table(data, submission.file)
    except Unreadable:
        return
    taken = {_LETTER_PAGE, _FAULT_PAGE, "history"}  # Excel keeps the last for itself
    for sheet in sheets:
        if sheet.rows.width == 0 or of_slip(sheet):
            continue
        plain = _FORBIDDEN.sub("", sheet.name).strip()[:_NAME] or f"表{sheet.index}"
        name = next(n for i in count(1) if (n := f"{plain}({i})" if i > 1 else plain).lower() not in taken)
        taken.add(name.lower())
        yield _Page(sheet, headers.tables(sheet, contract.extract) if contract else [], name)


def _fits(pages: Iterable[_Page]) -> bool:
    """Whether every cell of the file can be given back as it came, in a workbook that is quickly written."""
    frames = [page.sheet.rows for page in pages]
    longest = (max(filter(None, f.select(pl.all().str.len_chars().max()).row(0)), default=0) for f in frames)
    return (
        sum(f.height for f in frames) <= WHOLE_ROWS
        and sum(f.height * f.width for f in frames) <= _CELLS
        and all(int(f.columns[-1]) < _COLUMNS for f in frames)
        and all(n <= _CELL for n in longest)
    )


def _placed(finding: Finding, pages: Iterable[_Page], contract: Contract | None) -> _Place:
    named = (p for p in pages if p.sheet.name == finding.sheet)
    page = next((p for p in named if finding.row is None or finding.row <= p.sheet.rows.height), None)
    row = None if finding.row is None else finding.row - 1
    header = page.over(row or 0) if page else None
    if header is None or contract is None or finding.column is None:
        return _Place(page, row)
    titles = finding.column.split("、")
    columns = [p for p, path in header.paths.items() if path == finding.column] or [
        p for p, name in header.columns.items() if contract.column(name).title.zh in titles
    ]
    return _Place(page, row, tuple(columns))


def _data_page(
    out: Any,
    styles: Mapping[str, Any],
    page: _Page,
    placed: Sequence[tuple[Finding, _Place]],
    contract: Contract | None,
    whole: bool,
    by_key: bool,
) -> Links:
    """A sheet of the department with its bad cells coloured and a last column that says why."""
    sheet, height = page.sheet, page.sheet.rows.height
    reasons: dict[int, list[str]] = defaultdict(list)
    for finding, place in placed:
        reasons[place.row or 0].append(_reason(finding))
    heads = {row for header in page.headers for row in range(header.first, header.last + 1)}
    room = _CELLS // sheet.rows.width
    rows = range(height) if whole else sorted({*heads, *sorted(reasons)[:room]})
    shift = 0 if whole else 1
    at = {row: i + shift for i, row in enumerate(rows)}
    merged = _merged(sheet, set(range(height)) if whole else heads)
    inside = {(r, c): span for span in merged for r in range(span[0], span[2] + 1) for c in range(span[1], span[3] + 1)}
    bad = {inside.get((place.row or 0, c), (place.row, c))[:2] for _, place in placed for c in place.columns}
    headed = page.headers if whole else ()  # of a longer sheet no other rows are shown than headers and bad ones
    data = {row - 1 for header in headed for row in tell_rows_apart(sheet, header, contract).data["_row"]}

    def style(row: int) -> str:
        return "head" if row in heads else "row" if row in reasons else "cell" if row in data else "plain"

    for top, left, bottom, right in merged:
        out.merge_range(at[top], left + shift, at[bottom], right + shift, "", styles[style(top)])
    paths = {p: path for header in page.headers for p, path in header.paths.items()}
    ours = {p for p, path in paths.items() if header_forms(path)[0] in (REASON, ORIGINAL_ROW)}
    positions = [p for p in map(int, sheet.rows.columns) if p < _COLUMNS and p not in ours]
    cells = sheet.rows.select(map(str, positions))
    for row, texts in zip(rows, (cells if whole else cells[list(rows)]).rows(), strict=True):
        for position, text in zip(positions, texts, strict=True):
            if (row, position) not in inside or inside[row, position][:2] == (row, position):
                look = "bad" if (row, position) in bad else style(row)
                _put(out, at[row], position + shift, text, styles[look])

    used = {
        *positions,
        *(c for _, left, bottom, right in merged for c in range(left, right + 1) if bottom >= min(heads, default=0)),
    }
    why = next(p for p in count(max(paths.keys() - ours or positions, default=0) + 1) if p not in used) + shift
    for row in reasons.keys() & at.keys():
        header = page.over(row)
        mark = f"{REASON}：" if header and header.headerless else ""  # no header says whose column it is
        _put(out, at[row], why, mark + "\n".join(reasons[row]), styles["reason"])
        if not whole:
            _put(out, at[row], 0, str(row + 1), styles["middle"])
    boxed = [row for row in rows if style(row) != "plain"]
    widths = _widths(cells, boxed)
    for position, width in widths.items():
        out.set_column(position + shift, position + shift, width)
    for row, texts in zip(boxed, cells[boxed].rows(), strict=True):
        alone = [(text, widths[p]) for p, text in zip(positions, texts, strict=True) if (row, p) not in inside]
        lines = _lines([*alone, ("\n".join(reasons.get(row, ())), _REASON_WIDTH)])
        if lines > 1:
            out.set_row(at[row], _height(lines))
    _heads(
        out,
        styles,
        [(at[h.first], at[h.last]) for h in page.headers if not h.headerless],
        max(at.values(), default=0),
        why,
        whole,
        by_key,
    )
    out.ignore_errors({"number_stored_as_text": f"A1:XFD{len(rows) + 1}"})
    out.set_tab_color("#C00000" if reasons else "#808080")
    out.set_default_row(_LINE)
    _print(out, wide=sum(widths.values()) + _REASON_WIDTH > _A4)
    return {(page.name, row): (at[row], shift) for row in reasons if row in at}


def _heads(
    out: Any,
    styles: Mapping[str, Any],
    heads: Sequence[tuple[int, int]],
    last: int,
    why: int,
    whole: bool,
    by_key: bool,
) -> None:
    """The headers of what a slip adds, and what a header is for on screen and paper. ``heads``: first and last row of each."""
    out.set_column(why, why, _REASON_WIDTH)
    for top, bottom in heads:
        _head(out, top, bottom, why, REASON, styles["head"])
        if not whole:
            _head(out, top, bottom, 0, ORIGINAL_ROW, styles["head"])
    if not whole:
        out.set_column(0, 0, 15)
        warning = "不能当作更正件上报；请在原文件中改正，整表重报。"
        if by_key:
            warning = "改正后可以只报这些行，其余各行不变；各行编号不要改动。"
        out.write_string(0, 0, f"本页只列有问题的行，{warning}", styles["warning"])
    if len(heads) == 1:
        [(top, bottom)] = heads
        out.autofilter(bottom, 0, last, why)
        out.repeat_rows(top, bottom)
        out.freeze_panes(bottom + 1, 0)


def _reason(finding: Finding) -> str:
    place = f"{finding.column}：" if finding.column else ""
    return f"{place}{finding.message}，{finding.remedy}"


def _merged(sheet: Sheet, rows: set[int]) -> list[tuple[int, int, int, int]]:
    """Merged ranges within the rows as top, left, bottom, right; what overlaps another or is beyond the cells stays apart."""
    spans: list[tuple[int, int, int, int]] = []
    taken: set[tuple[int, int]] = set()
    widest = int(sheet.rows.columns[-1])
    for (top, left), (bottom, right) in sorted(sheet.merged):
        bottom, right = min(bottom, sheet.rows.height - 1), min(right, widest)
        size = (bottom - top + 1) * (right - left + 1)
        if bottom < top or right < left or size < 2 or size + len(taken) > _CELLS:
            continue
        if not rows.issuperset(range(top, bottom + 1)):
            continue
        span = {(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)}
        if taken.isdisjoint(span):
            taken |= span
            spans.append((top, left, bottom, right))
    return spans


def _put(out: Any, row: int, column: int, text: str | None, style: Any) -> None:
    """Write a text as text, whatever it looks like."""
    if text:
        out.write_string(row, column, text if len(text) <= _CELL else f"{text[:_CELL]}……", style)
    else:
        out.write_blank(row, column, None, style)


def _head(out: Any, first: int, last: int, column: int, text: str, style: Any) -> None:
    """A header over all levels of the department's own, so that none of these reaches over it."""
    if first < last:
        out.merge_range(first, column, last, column, "", style)
    out.write_string(first, column, text, style)


def _widths(cells: pl.DataFrame, rows: list[int]) -> dict[int, int]:
    """How wide each column must be for most of its texts."""
    sample = cells[rows[:200]]
    return {
        int(column.name): min(max((_width(text) + 3 for text in column if text), default=0), 30) for column in sample
    }


def _lines(texts: Iterable[tuple[str | None, int]]) -> int:
    """How many lines a row needs for these texts in columns so wide."""
    needed = 1
    for text, width in texts:
        if text and (2 * len(text) > width or "\n" in text):
            needed = max(needed, sum(max(1, ceil(_width(line) / (width - 3))) for line in text.split("\n")))
    return needed


def _height(lines: int) -> int:
    return min(6 + 15 * lines, 400)


@lru_cache(1 << 12)
def _width(text: str) -> int:
    """How wide a text stands, in columns' units; of a long one the start is measured."""
    measured = text[:400]
    units = sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in measured)
    return units if len(text) == len(measured) else units * len(text) // len(measured)


def _print(out: Any, landscape: bool = True, wide: bool = False) -> None:
    """A4 (A3, where the columns would be too small to read), all columns on one page's width."""
    out.set_paper(8 if wide else 9)
    if landscape:
        out.set_landscape()
    out.fit_to_pages(1, 0)
    out.set_margins(0.5, 0.5, 0.6, 0.6)
    out.set_footer(f"&L{LETTER}&R第 &P 页，共 &N 页")


def _words(
    submission: Submission,
    findings: Sequence[Finding],
    contract: Contract | None,
    pack: Pack,
    due: str,
    shown: Sequence[_Page],
    whole: bool,
) -> tuple[str, list[tuple[str, str]]]:
    """What the letter says: a paragraph, and facts with their labels."""
    year, month = submission.period.split("-")
    what = f"《{contract.title.zh}》" if contract else "文件"
    refused = submission.state == "refused"
    mend = sum(f.severity != "note" for f in findings)
    result = "整个文件不予采用" if refused else f"已采用 {submission.rows_accepted} 行"
    if not refused:
        result += f"，退回 {submission.rows_quarantined} 行" if submission.rows_quarantined else "，没有整行退回"
    text = f"贵单位报送的 {year} 年 {int(month)} 月{what}已收到，逐行核对后有 {mend} 处需要改正，{result}。{due}。"
    left_out = "这个文件的数据" if refused else "退回的行和单元格" if submission.rows_quarantined else "有问题的单元格"
    text += f"在收到更正件之前，{left_out}不进入统计。"
    received = datetime.fromisoformat(submission.received_at).astimezone(CHINA)
    skipped = "、".join(f"{SKIPPED.get(reason, '其他')} {n}" for reason, n in submission.skipped.items())
    facts = [
        ("文件", submission.file),
        ("收到时间", f"{_day(received.date())} {received:%H:%M}（北京时间）"),
        ("上报件", f"第 {submission.number} 号" + (f"，本月本表第 {submission.revision} 次报送" if contract else "")),
        ("处理结果", "整件退回：" + submission.reason if refused else result),
        (
            "逐行说明",
            f"共 {submission.rows_sheet} 行 = 采用 {submission.rows_accepted} + 退回 {submission.rows_quarantined}"
            f" + 略过 {submission.rows_skipped}" + (f"（{skipped}）" if skipped else ""),
        ),
        ("更正期限", due),
        ("如何报回", _how(submission, contract, shown, whole)),
    ]  # fmt: skip
    grounds = pack.clauses_needing(contract.extract, contract.part_of) if contract else []
    for clause in grounds[:_QUOTED]:
        facts.append(("报送依据", f"{clause.doc_no} {clause.section}：“{clause.quote}”（{clause.id}）"))
    if len(grounds) > _QUOTED:
        facts.append(("报送依据", f"共 {len(grounds)} 条，其余见条款清单"))
    return text, facts


def _how(submission: Submission, contract: Contract | None, shown: Sequence[_Page], whole: bool) -> str:
    folder = f"放回 {submission.period} 月份的文件夹"
    if whole and shown:
        pages = "、".join(f"“{page.name}”" for page in shown)
        return (
            f"可直接在本工作簿的{pages}页改正标红的单元格，另存为新的文件名后{folder}；退回原因一列和前两页不必删除。"
            "也可在原文件中改正后整表重报。"
            + (
                "更正件按编号替代原来的行，没有问题的行可以不报。"
                if _by_key(contract, submission.state == "refused")
                else "更正件整表替代本次报送，没有问题的行不要删去。"
            )
        )
    if shown and _by_key(contract, submission.state == "refused"):
        return f"原文件行数较多，这里只列出有问题的行。可直接在本工作簿改正后只报这些行，{folder}；其余各行不变。"
    if shown:
        return f"原文件行数较多，这里只列出有问题的行。请在原文件中改正后整表重报，{folder}；只报有问题的行会被退回。"
    return f"请按问题清单改正原文件，另存为新的文件名后{folder}。"


def _by_key(contract: Contract | None, refused: bool) -> bool:
    """Whether a corrected file may hold only the rows that it corrects: never where none of the file was taken."""
    return contract is not None and contract.corrected_by == "key" and not refused


def _letter(out: Any, styles: Mapping[str, Any], to: str, text: str, facts: Sequence[tuple[str, str]]) -> None:
    label, value = 12, 84
    out.set_column(0, 0, label)
    out.set_column(1, 1, value)
    for row, (line, style) in enumerate(((LETTER, "title"), (f"{to}：", "body"), (f"　　{text}", "body"))):
        out.merge_range(row, 0, row, 1, "", styles[style])
        _put(out, row, 0, line, styles[style])
        out.set_row(row, 34 if row == 0 else _height(_lines([(line, label + value)])))
    for row, (name, fact) in enumerate(facts, 4):
        again = facts[row - 5][0] == name if row > 4 else False
        _put(out, row, 0, "" if again else name, styles["label"])
        _put(out, row, 1, fact, styles["cell"])
        out.set_row(row, _height(_lines([(fact, value)])))
    _print(out, landscape=False)
    out.hide_gridlines(2)


def _fault_page(
    out: Any,
    styles: Mapping[str, Any],
    submission: Submission,
    placed: Sequence[tuple[Finding, _Place]],
    contract: Contract | None,
    links: Links,
    due: str,
    total: int,
) -> None:
    out.merge_range(0, 0, 0, len(_FAULT_COLUMNS) - 1, "", styles["title"])
    out.write_string(0, 0, FAULTS, styles["title"])
    out.set_row(0, 30)
    listed = f"共 {total} 处" + (f"，列出前 {len(placed)} 处" if total > len(placed) else "")
    out.write_string(1, 0, f"{listed}。{due}。报送依据见“{_LETTER_PAGE}”。点“单元格”一列可跳到该处。", styles["plain"])
    for column, (title, width, _) in enumerate(_FAULT_COLUMNS):
        out.set_column(column, column, width)
        out.write_string(2, column, title, styles["head"])
    for row, (finding, place) in enumerate(placed, 3):
        cell, link = _cell_link(place, links)
        found = place.found[:_SHOWN] or finding.found or ("（空）" if len(place.columns) == 1 else "")
        outcome = _outcome(finding, place, contract, submission)
        texts = (str(row - 2), outcome, finding.sheet, cell, finding.column, found, finding.message, finding.remedy)
        for column, (text, (_, _, style)) in enumerate(zip(texts, _FAULT_COLUMNS, strict=True)):
            _put(out, row, column, text, styles[style if text else "cell"])
        if link:
            out.write_url(row, 3, link, styles["link"], cell)
        out.set_row(row, _height(_lines((t, w) for t, (_, w, _) in zip(texts, _FAULT_COLUMNS, strict=True))))
    out.autofilter(2, 0, max(3, len(placed) + 2), len(_FAULT_COLUMNS) - 1)
    out.freeze_panes(3, 0)
    out.repeat_rows(2)
    out.hide_gridlines(2)
    _print(out)


def _outcome(finding: Finding, place: _Place, contract: Contract | None, submission: Submission) -> str:
    """What a fault means for the file, the row or the cell."""
    if finding.severity != "warning":
        return "整件退回" if finding.severity == "error" else "仅提示"
    if finding.rule == "other_table":
        return "没有读取"
    header = place.page.over(place.row or 0) if place.page else None
    if header is None or contract is None or place.row is None or place.row <= header.last:
        return "请补正"
    names = [header.columns[p] for p in place.columns if p in header.columns]
    whole_row = len(names) != 1 or contract.column(names[0]).required or finding.rule == "duplicate_key"
    if submission.state == "refused":
        return "该行有误" if whole_row else "该格有误"
    return "该行退回" if whole_row else "该格不采用"


def _cell_link(place: _Place, links: Links) -> tuple[str, str | None]:
    """What a cell is called in the department's own file, and the link to where it stands in the slip."""
    from xlsxwriter.utility import xl_col_to_name

    if place.page is None or place.row is None:
        return "", None
    column = min(place.columns, default=0)
    cell = f"{xl_col_to_name(column)}{place.row + 1}" if place.columns else f"第{place.row + 1}行"
    if (place.page.name, place.row) not in links:
        return cell, None
    row, shift = links[place.page.name, place.row]
    return cell, f"internal:'{place.page.name}'!{xl_col_to_name(column + shift)}{row + 1}"
