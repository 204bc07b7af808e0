"""What a file says of itself, in its name, its titles and the cells above its tables: for which month and from which area it is.

What it is taken for, and what is found wrong when its words do not agree with each other, its rows or its folder, belongs here too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipelines.findings import Finding
from pipelines.intake.contract import EVERY_MONTH, Contract
from pipelines.intake.divisions import Divisions
from pipelines.intake.reader import Sheet
from pipelines.intake.table import Header, text_of

_MONTH = re.compile(r"(?<![表报送印][时日][间期][:：])(?<!\d)(20\d\d)年(\d{1,2})月(?!份?\d{1,2}日)")
_AS_OF = re.compile(r"截[至止]到?(20\d\d)年(\d{1,2})月\d{1,2}日")
_PERIOD_CELL = re.compile(
    r"(?:所属|统计|报告|数据|报表)(?:月份|时间|期|年月)[:：]?\s*(20\d\d)[-./年]?(0?[1-9]|1[0-2])月?(?![-./\d]|月?\d)"
)
_FILE_MONTH = re.compile(r"(?<!\d)(20\d\d)[-._](\d{1,2})(?![-._]?\d)|(?<!\d)(20\d\d)(0[1-9]|1[0-2])(?!\d)")
_SEASON = re.compile(r"(?<!\d)(20\d\d)年(第?[一二三四1-4]季度|[上下]半年|[春秋]季)")
_TERM = re.compile(r"(?<!\d)(20\d\d)[-—–~至](20\d\d)学年(?:度)?第?([一二12])学期")
_YEAR = re.compile(r"(?<![\d-])(20\d\d)年(?:度|(?!第|[上下]半|[春秋]季|末|\d))")
_ENDS = {"一": 3, "二": 6, "三": 9, "四": 12, "1": 3, "2": 6, "3": 9, "4": 12, "上": 6, "下": 12, "春": 3, "秋": 9}
_LEVELS = {"township": "乡镇", "village": "村"}
_LISTED = 4


@dataclass(frozen=True)
class Source:
    """A place of a file where it speaks of itself: its name (``sheet`` None), or all that stands above a table, and the sheet's name."""

    sheet: str | None
    text: str
    title: str = ""

    @property
    def place(self) -> str:
        return f"工作表“{self.sheet}”的标题" if self.sheet else "文件名"


def sources(name: str, tables: Iterable[tuple[Sheet, Header]]) -> list[Source]:
    """The file name, then each table from the top."""
    return [
        Source(None, "".join(name.split())),
        *(
            # the sheet of a CSV file has the file's name
            Source(
                sheet.name,
                "" if name.startswith(sheet.name) else sheet.name,
                text_of(sheet, header.start, header.first),
            )
            for sheet, header in tables
        ),
    ]


def months_named(source: Source, contract: Contract | None = None) -> set[str]:
    """The months (YYYY-MM) that a source claims. A day of sending names no month; the name of a sheet is too often an old one.

    A quarter or half-year is its last month, a term the month in which it begins (3, 9). A year is every month that the contract
    reports of it, where it does not report all.
    """
    text = source.title if source.sheet else source.text
    found = _MONTH.findall(text)
    if source.sheet:
        found += _AS_OF.findall(text) + _PERIOD_CELL.findall(text)
    else:
        found += [(a or c, b or d) for a, b, c, d in _FILE_MONTH.findall(text)]
    if contract is not None and contract.months != EVERY_MONTH:
        found += [(year, _ENDS[season.lstrip("第")[0]]) for year, season in _SEASON.findall(text)]
        found += [(second, 3) if n in "二2" else (first, 9) for first, second, n in _TERM.findall(text)]
        found += [(year, month) for year in _YEAR.findall(text) for month in contract.months if not found]
    return {f"{year}-{int(month):02d}" for year, month in found if 1 <= int(month) <= 12}


def month_faults(base: Finding, told: Sequence[Source], contract: Contract | None) -> Iterator[Finding]:
    """A finding for each source that claims other months than the folder's, with what every other source claims."""
    claims = [(source, months) for source in told if (months := months_named(source, contract))]
    words = {
        source: f"{'标题' if source.sheet else '文件名'}写的是 {'、'.join(sorted(months))}" for source, months in claims
    }
    for source, months in claims:
        if base.period not in months:
            others = dict.fromkeys(words[other] for other, named in claims if not named & months)
            clash = "".join(f"，而{words}" for words in others)
            yield replace(
                base,
                rule="wrong_month",
                message=f"{words[source]}{clash}，却放在 {base.period} 的文件夹",
                remedy="请放入正确月份的文件夹，或改正标题、文件名后重报",
                sheet=source.sheet,
                found="、".join(sorted(months)),
            )


@dataclass(frozen=True)
class AreaClaims:
    """The areas that the sources of a file name, above all others which stand for it alone; ``whole`` when they say 全县."""

    named: dict[Source, set[str]]
    whole: bool
    root: bool

    @property
    def all(self) -> set[str]:
        return set().union(*self.named.values())


def areas_named(told: Sequence[Source], contract: Contract, divisions: Divisions) -> AreaClaims:
    """What a file says of the area that it speaks for; an area counts as named where none below it is."""
    named = {s: divisions.named(f"{s.text}|{s.title}".replace("\n", "|"), contract.covers) for s in told}
    below = {source: codes - {divisions.root} for source, codes in named.items()}
    everything = set().union(*below.values())
    above = {up for code in everything for up in divisions.upward(code)[1:]}
    return AreaClaims(
        {source: codes - above for source, codes in below.items() if codes - above},
        any(divisions.means_all(s.text + s.title) for s in told),
        any(divisions.root in codes for codes in named.values()),
    )


def area_of(
    base: Finding,
    claims: AreaClaims,
    rows: dict[str, int],
    contract: Contract,
    divisions: Divisions,
) -> tuple[str, Finding | None]:
    """The area that a file speaks for, and what is wrong with how it says so. ``rows``: area at the contract's level → its rows.

    What the file says goes first: one area, or all of them on sheets of their own. A file that says nothing is of the one area that
    its rows name (but for as many as may be refused in any file); of all, where they name all, or several under a title
    that names the whole jurisdiction. Anything else nobody can know, and the file is refused.
    """
    owing, level = set(divisions.at_level(contract.covers)), _LEVELS[contract.covers]
    root = divisions.root
    if len(claims.all) == 1:
        return claims.all.pop(), None
    if claims.all:
        together = _together(claims.all, divisions)
        apart = all(source.sheet and len(codes) == 1 for source, codes in claims.named.items())
        if apart and claims.all >= {code for code in owing if together in divisions.upward(code)}:
            return together, None
        said = "，".join(f"{s.place}写的是{_listed(codes, divisions)}" for s, codes in claims.named.items())
        return root, replace(
            base,
            rule="area_clash",
            message=f"{said}，不知道是哪个{level}的数据",
            remedy=f"一个{level}一个文件，在文件名或标题中只写一个{level}；各{level}合报的，请写明“全县”并在行内写{level}",
            found=_listed(claims.all, divisions),
        )
    if claims.whole or not owing:
        return root, None
    total = sum(rows.values())
    most = max(rows, key=lambda code: rows[code], default=None)
    if most is not None and total - rows[most] <= contract.max_refused_share * total:
        return most, None
    if most is not None:
        together = _together(set(rows), divisions)
        if set(rows) >= {code for code in owing if together in divisions.upward(code)} or (
            claims.root and together == root
        ):
            return together, None
    named = f"，行内有 {len(rows)} 个{level}（{_listed(rows, divisions)}）" if rows else ""
    return root, replace(
        base,
        rule="unknown_area",
        message=f"文件名、标题和工作表名都没有写是哪个{level}的数据{named}",
        remedy=f"请在文件名或标题中写明{level}名称；各{level}合报的，请写明“全县”",
        found=_listed(rows, divisions) or None,
    )


def _together(codes: Iterable[str], divisions: Divisions) -> str:
    """The lowest area that all of these are in."""
    ways = [divisions.upward(code) for code in codes]
    return next(code for code in ways[0] if all(code in way for way in ways))


def _listed(codes: Iterable[str], divisions: Divisions) -> str:
    ordered = sorted(codes)
    more = f"等 {len(ordered)} 个" if len(ordered) > _LISTED else ""
    return "、".join(divisions.name(code) for code in ordered[:_LISTED]) + more
