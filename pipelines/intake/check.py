"""One file held against its contract: bytes in; accepted rows, quarantined rows, counts and findings out. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from pipelines.findings import Finding
from pipelines.intake.claims import area_of, areas_named, month_faults, sources
from pipelines.intake.contract import Contract
from pipelines.intake.divisions import Divisions
from pipelines.intake.pseudonym import masked, without_ids
from pipelines.intake.reader import Sheet, Unreadable, read_table
from pipelines.intake.refusal import refusal
from pipelines.intake.table import (
    SEARCHED,
    Header,
    Headers,
    Other,
    Rows,
    column_yuan,
    of_part_slip,
    rows_of_other,
    sheet_yuan,
    tell_rows_apart,
)
from pipelines.intake.types import DTYPES, FEW, Reading, Typed

KEY_SEPARATOR = "\x1f"

_WORDS_SHOWN = 12
_ID_DIGITS = 15
_MOST_FINDINGS = 50_000  # of one table; more have one cause, and the rows themselves are quarantined all the same
_FOUND_SHOWN = 200  # characters of a bad cell
_SUBJECT = ("hh_id", "person_id", "person_name", "village_code")


@dataclass(frozen=True)
class Checked:
    """What a file holds. Both frames have ``_sheet`` and ``_row``, in the order of the file.

    ``accepted``: the contract's columns, ``<name>__text`` of those that are not personal, ``_quarantined`` (names of optional
    columns whose cell is refused). ``quarantined``: hh_id, person_id, person_name, village_code, ``_area`` (the lowest area that
    the row names) and ``_key`` (the values of its key), each where it can be read, and ``reasons``. When ``refused``, none of
    the rows may be used. ``data_rows`` plus ``skipped`` is ``sheet_rows``. ``area`` is the code of the area that the file
    speaks for, the whole jurisdiction where nothing else can be known.
    """

    refused: bool
    findings: list[Finding]
    area: str
    sheets: list[str] = field(default_factory=list)
    headers: dict[str, list[list[Any]]] = field(default_factory=dict)
    sheet_rows: int = 0
    data_rows: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    accepted: pl.DataFrame = field(default_factory=pl.DataFrame)
    quarantined: pl.DataFrame = field(default_factory=pl.DataFrame)


@dataclass(frozen=True)
class _Part:
    """A table of a sheet, its header and its rows told apart; without a header a sheet that has no table, or an ``other`` one."""

    sheet: Sheet
    header: Header | None
    rows: Rows
    other: Other | None = None


def check(
    data: bytes, name: str, period: str, contract: Contract | None, headers: Headers, reading: Reading
) -> Checked:
    """Hold a file against its contract (None: no contract recognised it). Every fault becomes a finding, none is raised.

    A finding of severity error refuses the file; a warning stands for one cell or row.
    """
    divisions = reading.divisions.at(period)
    reading = replace(reading, divisions=divisions)
    area = divisions.root
    base = Finding(
        "intake", "", "", "error", "", file=name, period=period,
        extract=contract.extract if contract else None, department=contract.department if contract else None,
    )  # fmt: skip
    try:
        sheets = read_table(data, name)
    except Unreadable as error:
        return Checked(True, [replace(base, rule=error.rule, message=error.message, remedy=error.remedy)], area)

    parts = [part for sheet in sheets for part in _parts(sheet, headers, contract)]
    told = sources(name, [(part.sheet, part.header) for part in parts if part.header])
    findings = [*_file_faults(base, parts, contract, headers), *month_faults(base, told, contract)]
    frames, quarantined = [], pl.DataFrame()
    readable = [p for p in parts if p.header and not _ambiguous(p)]
    own = contract is not None and contract.covers != "county"
    township = divisions.only_township
    if contract is not None:
        claims = areas_named(told, contract, divisions) if own else None
        township = (_township(claims.all, divisions) if claims else None) or township
        for part in parts:
            findings += _sheet_faults(base, part, contract, township)
            findings += _others(base, part, headers)
        for part in readable:
            frame, faults = _read(base, part, contract, reading, township)
            frames.append(frame)
            findings += faults
    accepted = pl.concat(frames) if frames else pl.DataFrame()
    if contract is not None and claims is not None and any(part.header for part in parts):
        areas = _areas(accepted, contract, divisions)
        named = areas.filter(accepted["reasons"].is_null()) if frames else areas
        counts = dict(named.drop_nulls().value_counts().iter_rows())
        area, fault = area_of(base, claims, counts, contract, divisions)
        if fault:
            findings.append(fault)
        elif frames:
            accepted, faults = _refuse_strangers(base, accepted, areas, area, readable, contract, divisions)
            findings += faults
    if contract is not None and frames:
        accepted, faults = _refuse_duplicates(base, accepted, readable, contract)
        findings += faults
        bad = accepted["reasons"].is_not_null()
        if accepted.height and bad.sum() > contract.max_refused_share * accepted.height:
            findings.append(_too_many(base, int(bad.sum()), accepted.height, contract))
        subject = [pl.col(c) if c in accepted.columns else pl.lit(None, pl.String).alias(c) for c in _SUBJECT]
        key = pl.concat_str([pl.col(k).cast(pl.String) for k in contract.key], separator=KEY_SEPARATOR)
        area_named = pl.coalesce(*contract.places) if contract.places else pl.lit(None, pl.String)
        quarantined = accepted.filter(bad).select(
            "_sheet", "_row", *subject, area_named.alias("_area"), key.alias("_key"), "reasons"
        )
        accepted = accepted.filter(~bad).drop("reasons")
    skipped: dict[str, int] = {}
    for part in parts:
        for reason, n in part.rows.skipped.items():
            skipped[reason] = skipped.get(reason, 0) + n
    return Checked(
        refused=any(f.severity == "error" for f in findings),
        findings=sorted(findings, key=lambda f: f.severity != "error"),
        area=area,
        sheets=[s.name for s in sheets],
        headers={_place(p): _headers(p.header, contract) for p in parts if p.header and contract},
        sheet_rows=sum(s.rows.height for s in sheets),
        data_rows=sum(p.rows.data.height for p in parts),
        skipped=skipped,
        accepted=accepted,
        quarantined=quarantined,
    )


def headers_at(headers: Mapping[str, list[list[Any]]], sheet: int, row: int) -> list[list[Any]]:
    """The header under which a row stands, out of ``Checked.headers``: [position, path, contract's column, personal] each.

    The table that begins a sheet has the key ``<sheet>``, one below it ``<sheet>:<first row>``.
    """
    starts = [int(key.partition(":")[2]) for key in headers if key.startswith(f"{sheet}:")]
    begun = max((start for start in starts if start <= row), default=None)
    return headers[str(sheet) if begun is None else f"{sheet}:{begun}"]


def _parts(sheet: Sheet, headers: Headers, contract: Contract | None) -> list[_Part]:
    own, others = headers.laid_out(sheet, contract.extract) if contract else ([], [])
    parts = [_Part(sheet, header, tell_rows_apart(sheet, header, contract)) for header in own]
    parts += [_Part(sheet, None, rows_of_other(sheet, other), other) for other in others]
    return parts or [_Part(sheet, None, tell_rows_apart(sheet, None, None))]


def _place(part: _Part) -> str:
    start = part.header.start if part.header else 0
    return f"{part.sheet.index}:{start + 1}" if start else str(part.sheet.index)


def _ambiguous(part: _Part) -> bool:
    return part.header is not None and bool(part.header.rivals or part.header.twice)


def _headers(header: Header, contract: Contract) -> list[list[Any]]:
    listed = []
    for position, path in header.paths.items():
        column = header.columns.get(position)
        listed.append([position, path, column, bool(column and contract.column(column).personal)])
    return listed


def _file_faults(base: Finding, parts: list[_Part], contract: Contract | None, headers: Headers) -> Iterator[Finding]:
    """Faults of the file as a whole: nothing in it, nothing that can be recognised, no table, no data."""
    empty = replace(base, rule="empty_file", remedy="请重新导出并上报；确无数据的，在表头下写“本月无数据”")
    texts = [
        part.rows.skipped.get("no_table", 0) + (part.header is not None or part.other is not None) for part in parts
    ]
    headed = [part for part in parts if part.header]
    if not any(texts):
        yield replace(empty, message="文件中没有任何内容")
    elif contract is None:
        first = next(part.sheet for part, text in zip(parts, texts, strict=True) if text)
        yield replace(
            base,
            rule="unrecognised_file",
            message="表头和标题与任何一种上报数据都对不上，不知道是哪个部门的什么表",
            remedy="请按数据规范的表头填报，并在文件名或标题中写明表名；新的表请先增加数据规范",
            sheet=first.name,
            found=_shape(first, headers),
        )
    elif not headed:
        yield replace(
            base,
            rule="no_header",
            message=f"没有找到“{contract.title.zh}”的表头",
            remedy=f"请保留表头行，至少包括：{'、'.join(c.title.zh for c in contract.columns if c.required)}",
            sheet=parts[0].sheet.name,
            found=_shape(parts[0].sheet, headers),
        )
    elif not any(part.rows.data.height for part in headed):
        nil = contract.kind == "events" or contract.silence == "zero"
        if not nil or not any(part.rows.nil_return for part in headed):
            yield replace(empty, message="只有表头，没有数据行", sheet=headed[0].sheet.name)
    else:
        for part, text in zip(parts, texts, strict=True):
            if text and not part.header and not part.other:
                yield replace(
                    base,
                    rule="no_header",
                    severity="note",
                    message="这个工作表没有表头，没有读取",
                    remedy="如其中有应上报的数据，请补上表头后重报",
                    sheet=part.sheet.name,
                )


def _sheet_faults(base: Finding, part: _Part, contract: Contract, township: str | None) -> Iterator[Finding]:
    """Faults of a header: two that fit, columns missing, columns that nobody maps. ``township``: what the file says it is of."""
    header = part.header
    if header is None:
        return
    at = replace(base, sheet=part.sheet.name, row=None if header.headerless else header.last + 1)
    if header.headerless:
        yield replace(
            at,
            rule="headerless",
            severity="note",
            message="没有表头，按数据规范的列次序读取",
            remedy="如列的次序不是这样，请补上表头后重报；下次请保留表头",
        )
    if of_part_slip(header) and contract.corrected_by == "whole":
        yield replace(
            at,
            rule="part_slip",
            message="这是只列了问题行的退回单，不是整张表",
            remedy="请在原来的文件中改正后整表重报",
        )
    apart = "一张工作表只留一个表头；其他表格请另存为工作表或文件后重报"
    yield from _hidden(at, part)
    for row in sorted(r + 1 for r in header.rivals):
        message = f"有两处表头：第 {header.last + 1} 行和第 {row} 行"
        yield replace(at, rule="two_headers", message=message, remedy=apart, row=row)
    if header.again:
        places = "、".join(str(r + 1) for r in header.again)
        yield replace(
            at,
            rule="repeated_header",
            severity="note",
            message=f"表头在第 {places} 行重复出现，按同一张表读取",
            remedy="无需处理；下次请删去重复的表头",
            row=header.again[0] + 1,
        )
    for name, paths in header.twice.items():
        title = contract.column(name).title.zh
        yield replace(
            at,
            rule="two_headers",
            message=f"有 {len(paths)} 列都是“{title}”",
            remedy=f"只留一列“{title}”后重报",
            column=title,
            found="、".join(paths),
        )
    present = set(header.columns.values())
    spare = [header.paths[p] for p in header.unknown]
    for column in contract.columns:
        told_by_file = column.type == "township" and township
        if column.required and column.name not in present and not told_by_file:
            yield replace(
                at,
                rule="missing_column",
                message=f"缺少必填列“{column.title.zh}”",
                remedy=f"请补上这一列，表头写作：{'、'.join(column.headers)}",
                column=column.title.zh,
                found="、".join(spare) or None,
            )
    absent = "、".join(c.title.zh for c in contract.columns if c.name not in present)
    for path in spare:
        yield replace(
            at,
            rule="unknown_column",
            message=f"数据规范中没有“{path}”列",
            remedy=(f"如是改了名，请改回（未见到的列：{absent}）；" if absent else "")
            + "多余的列请删去，新增的列请先修订数据规范",
            column=path,
            found=path,
        )
    for position, rows in part.rows.unheaded.items():
        yield replace(
            at,
            rule="unknown_column",
            severity="warning",
            message=f"第 {position + 1} 列没有表头，其中 {rows} 行有内容，没有读取",
            remedy="请补上表头，或删去表外的内容",
            column=f"第 {position + 1} 列",
        )


def _others(base: Finding, part: _Part, headers: Headers) -> Iterator[Finding]:
    """That a table of another thing stands in the sheet: which, where, and what to do."""
    if part.other is None:
        return
    other = part.other
    title = headers.title(other.extract) if other.extract else None
    what = f"另一张表《{title}》" if title else "另一张表，数据规范中没有这样的表"
    taken = other.whole and other.first < SEARCHED
    if taken:
        remedy = f"无需处理：《{title}》另作一份上报件收下"
    elif title:
        remedy = f"请把《{title}》另存为单独的文件上报，表头写全"
    else:
        remedy = "如其中有应上报的数据，请按数据规范的表头另存为单独的文件后上报"
    yield replace(
        base,
        rule="other_table",
        severity="warning" if title and not taken else "note",
        message=f"第 {other.first + 1} 行起是{what}（{other.rows} 行），没有当作本表的数据",
        remedy=remedy,
        sheet=part.sheet.name,
        row=other.first + 1,
    )


def _hidden(at: Finding, part: _Part) -> Iterator[Finding]:
    """That hidden rows, columns or a whole sheet were read like the rest."""
    assert part.header is not None
    sheet, filled = part.sheet, set(part.sheet.rows.columns)
    rows = [r + 1 for r in sheet.hidden_rows if part.header.start <= r < part.header.end]
    columns = [part.header.paths.get(c, f"第 {c + 1} 列") for c in sheet.hidden_columns if str(c) in filled]
    told = {
        "工作表是隐藏的": sheet.hidden and not part.header.start,
        f"第 {_listed(rows)} 行是隐藏的": rows,
        f"“{_listed(columns)}”列是隐藏的": columns,
    }
    for message, there in told.items():
        if there:
            yield replace(
                at,
                rule="hidden_cells",
                severity="note",
                message=f"{message}，已照常读取",
                remedy="如不应上报，请删去后重报；应上报的，下次请取消隐藏",
                row=rows[0] if there is rows else None,
            )


def _listed(words: Sequence[Any]) -> str:
    return "、".join(map(str, words[:_WORDS_SHOWN])) + (f" 等 {len(words)} 个" if len(words) > _WORDS_SHOWN else "")


def _township(claimed: set[str], divisions: Divisions) -> str | None:
    """The township of a file that says from which one area it is."""
    within = {code for claim in claimed for code in divisions.upward(claim) if divisions.level(code) == "township"}
    return within.pop() if len(claimed) == len(within) == 1 else None


def _read(
    base: Finding, part: _Part, contract: Contract, reading: Reading, township: str | None
) -> tuple[pl.DataFrame, list[Finding]]:
    """The data rows of a sheet as typed columns, texts, ``_quarantined`` and ``reasons`` (null for a good row).

    ``township`` is that of a file which says so: its rows need no column of townships, and its villages are looked for there.
    """
    assert part.header is not None
    data, positions = part.rows.data, {name: p for p, name in part.header.columns.items()}
    height = data.height
    above = sheet_yuan(part.sheet, part.header)
    columns: dict[str, pl.Series] = {}
    texts_shown: dict[str, dict[int, str]] = {}
    refusals: dict[str, Mapping[int, Any]] = {}
    for column in sorted(contract.columns, key=lambda c: c.type == "village"):
        if column.name not in positions:
            value = township if column.type == "township" else None
            columns[column.name] = _all(value, column.name, height, DTYPES.get(column.type, pl.String()))
            continue
        text = data[str(positions[column.name])]
        scale = column_yuan(part.header, positions[column.name], above) if column.type == "amount" else 1
        townships = next((s for n, s in columns.items() if contract.column(n).type == "township"), None)
        if townships is None and township:
            townships = _all(township, "", height, pl.String())
        typed = reading.typed(column, text, scale, townships)
        if column.type == "text" and (naming := _naming(typed.values)):
            typed = _unnamed(typed, naming, key=column.name in contract.key)
            texts_shown[column.name] = naming
        columns[column.name], refusals[column.name] = typed.values, typed.refused

    rows = data["_row"]
    villages = next((columns[c.name] for c in contract.columns if c.type == "village"), None)
    quarantined: list[str | None] = [None] * height
    reasons: list[str | None] = [None] * height
    findings: list[Finding] = []
    unlisted = 0
    for column in contract.columns:
        path = part.header.paths[positions[column.name]] if column.name in positions else ""
        for i, why in sorted(refusals.get(column.name, {}).items()):
            if column.required:
                reasons[i] = f"{reasons[i]}；{path}：{why.message}" if reasons[i] else f"{path}：{why.message}"
            else:
                quarantined[i] = f"{quarantined[i]} {column.name}" if quarantined[i] else column.name
            if len(findings) >= _MOST_FINDINGS:
                unlisted += 1
                continue
            text = data[i, str(positions[column.name])]
            findings.append(
                replace(
                    base,
                    rule=why.rule,
                    severity="warning",
                    message=why.message,
                    remedy=why.remedy,
                    area=villages[i] if villages is not None else None,
                    sheet=part.sheet.name,
                    row=rows[i],
                    column=path,
                    found=_cut(masked(text[: 2 * _FOUND_SHOWN], column.type)) if text else None,
                )
            )
    texts = [
        _shown(data[str(positions[c.name])], refusals[c.name], texts_shown.get(c.name, {})).alias(f"{c.name}__text")
        if c.name in positions
        else _all(None, f"{c.name}__text", height, pl.String())
        for c in contract.columns
        if not c.personal
    ]
    frame = pl.DataFrame(
        [
            *(columns[c.name] for c in contract.columns),
            *texts,
            pl.repeat(part.sheet.index, height, dtype=pl.Int32, eager=True).alias("_sheet"),
            rows.cast(pl.Int32),
            pl.Series("_quarantined", quarantined, pl.String),
            pl.Series("reasons", reasons, pl.String),
        ]
    )
    if unlisted:
        message = f"另有 {unlisted} 处问题没有逐一列出；有问题的行和单元格都没有采用"
        remedy = "请先改正列出的问题，通常是同一个原因"
        findings.append(
            replace(base, rule="not_listed", severity="warning", message=message, remedy=remedy, sheet=part.sheet.name)
        )
    findings += [
        replace(
            base,
            rule="id_in_words",
            severity="note",
            message=f"有 {len(shown)} 个单元格的文字里写了身份证号，已遮去后采用",
            remedy="无需重报；下次身份证号只写在身份证号列",
            sheet=part.sheet.name,
            column=part.header.paths[positions[name]],
        )
        for name, shown in texts_shown.items()
        if name not in contract.key
    ]
    names, none = pl.col("_quarantined"), pl.lit([], pl.List(pl.String))
    frame = frame.with_columns(
        pl.when(names.is_null()).then(none).otherwise(names.str.split(" ")).alias("_quarantined")
    )
    return frame, sorted(findings, key=lambda f: f.row or 0)


def _cut(text: str) -> str:
    return text if len(text) <= _FOUND_SHOWN else f"{text[:_FOUND_SHOWN]}……"


def _all(value: str | None, name: str, height: int, dtype: pl.DataType) -> pl.Series:
    return pl.repeat(value, height, dtype=dtype, eager=True).alias(name)


def _areas(frame: pl.DataFrame, contract: Contract, divisions: Divisions) -> pl.Series:
    """Of each row the area at the level that the contract covers, null where the row does not name it."""
    found = pl.Series("area", [None] * frame.height, dtype=pl.String)
    for column in contract.places if frame.width else ():
        codes = {
            code: up
            for code in frame[column].drop_nulls().unique()
            for up in divisions.upward(code)
            if divisions.level(up) == contract.covers
        }
        at_level = frame[column].replace_strict(codes, default=None, return_dtype=pl.String)
        found = found.zip_with(found.is_not_null(), at_level)
    return found


def _refuse_strangers(
    base: Finding,
    frame: pl.DataFrame,
    areas: pl.Series,
    area: str,
    parts: list[_Part],
    contract: Contract,
    divisions: Divisions,
) -> tuple[pl.DataFrame, list[Finding]]:
    """Give the good rows of another area than the file's their reason."""
    others = {code for code in areas.drop_nulls().unique() if area not in divisions.upward(code)}
    if not others:
        return frame, []
    column = contract.column(contract.places[-1])
    names = {p.sheet.index: p.sheet.name for p in parts}
    reasons = frame["reasons"].to_list()
    findings = []
    for at in (areas.is_in(list(others)).fill_null(False) & frame["reasons"].is_null()).arg_true():
        reasons[at] = f"这是{divisions.name(areas[at])}的行，而文件是{divisions.name(area)}的"
        findings.append(
            replace(
                base,
                rule="other_area",
                severity="warning",
                message=reasons[at],
                remedy=f"请由{divisions.name(areas[at])}上报；如是写错，请改正后重报",
                area=area,
                sheet=names[frame["_sheet"][at]],
                row=frame["_row"][at],
                column=column.title.zh,
                found=divisions.name(areas[at]),
            )
        )
    return frame.with_columns(pl.Series("reasons", reasons, pl.String)), findings


def _shown(text: pl.Series, refused: Mapping[int, Any], unnamed: Mapping[int, str]) -> pl.Series:
    """Texts as found, those with id numbers in words without them; what looks like one in a refused cell is hidden, in case
    columns have slipped.
    """
    if unnamed:
        text = text.scatter(list(unnamed), list(unnamed.values()))
    if not refused:
        return text
    at = sorted(refused)
    return text.scatter(at, [t and masked(t) for t in text.gather(at).to_list()])


def _naming(words: pl.Series) -> dict[int, str]:
    """Position → words without id numbers, for those that have any."""
    if len(words) <= FEW:
        long = [i for i, said in enumerate(words.to_list()) if said and len(said) >= _ID_DIGITS]
    else:
        long = (words.str.len_chars() >= _ID_DIGITS).fill_null(False).arg_true().to_list()
    return {i: shown for i, said in zip(long, words.gather(long), strict=True) if (shown := without_ids(said)) != said}


def _unnamed(typed: Typed, naming: Mapping[int, str], *, key: bool) -> Typed:
    """Free text without the id numbers in it; in a key, which would then tell nothing apart, they are refused."""
    at = list(naming)
    if key:
        return Typed(typed.values.scatter(at, None), typed.refused | dict.fromkeys(at, refusal("id_in_key")))
    return Typed(typed.values.scatter(at, list(naming.values())), typed.refused)


def _refuse_duplicates(
    base: Finding, frame: pl.DataFrame, parts: list[_Part], contract: Contract
) -> tuple[pl.DataFrame, list[Finding]]:
    """Give the second and later good rows of a key their reason; the first stays."""
    key = list(contract.key)
    if not set(key) <= {c for p in parts if p.header for c in p.header.columns.values()}:
        return frame, []
    shown = dict.fromkeys([*key, *(c for c in ("village_code",) if c in frame.columns), "_sheet", "_row", "reasons"])
    told = frame.select(pl.row_index("_at"), *shown)
    good = told.filter(pl.col("reasons").is_null(), *(pl.col(k).is_not_null() for k in key))
    first = good.select(pl.struct(key).is_first_distinct()).to_series()
    if first.all():
        return frame, []
    later = good.filter(~first)
    firsts = good.filter(first).select(*key, first_sheet="_sheet", first_row="_row")
    titles = "、".join(contract.column(k).title.zh for k in key)
    names = {p.sheet.index: p.sheet.name for p in parts}
    reasons = frame["reasons"].to_list()
    findings = []
    for row in later.join(firsts, on=key, how="left", maintain_order="left").iter_rows(named=True):
        where = "" if row["first_sheet"] == row["_sheet"] else f"工作表“{names[row['first_sheet']]}”"
        message = f"{titles}与{where}第 {row['first_row']} 行重复"
        reasons[row["_at"]] = message
        findings.append(
            replace(
                base,
                rule="duplicate_key",
                severity="warning",
                message=message,
                remedy="请删去重复的行，或改正编号后重报",
                area=row.get("village_code"),
                sheet=names[row["_sheet"]],
                row=row["_row"],
                column=titles,
            )
        )
    return frame.with_columns(pl.Series("reasons", reasons, pl.String)), findings


def _too_many(base: Finding, bad: int, rows: int, contract: Contract) -> Finding:
    return replace(
        base,
        rule="too_many_refused",
        message=f"{rows} 行中有 {bad} 行被退回，超过 {contract.max_refused_share:.0%}，整个文件不予采用",
        remedy="请按逐行问题改正后整表重报",
        found=f"{bad}/{rows}",
    )


def _shape(sheet: Sheet, headers: Headers) -> str:
    """What may be told of a sheet whose columns nobody knows: its size and the header words in it, never other cells."""
    words = "、".join(headers.known_words(sheet)[:_WORDS_SHOWN])
    return f"{sheet.rows.height} 行 {sheet.rows.width} 列，{f'认得的表头：{words}' if words else '没有认得的表头'}"
