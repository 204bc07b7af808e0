"""What holds for any input: no row is lost, every cell is a value, nothing, or refused, and reading gives back what was written."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pipelines.intake.check import Checked, check
from pipelines.intake.contract import Contract
from pipelines.intake.pseudonym import check_digit, id_number, masked, without_ids
from pipelines.intake.reader import read_table
from pipelines.intake.refusal import Refusal
from pipelines.intake.shape import find_tables
from pipelines.intake.table import Headers
from pipelines.intake.types import DTYPES, Reading
from tests.intake.conftest import POST_HEADER, csv_bytes, posts, xlsx_bytes
from tests.intake.test_types import column

often = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
rarely = settings(often, max_examples=25)

# Texts as cells hold them: any characters, and the words that tables are told by
WORDS = [
    "合计",
    "小计：",
    "备注：无",
    "填表人：甲",
    "单位：万元",
    "一、甲",
    "本月无数据",
    "序号",
    *POST_HEADER,
    "护林员",
    "勐海镇",
    "曼真",
    "2019.5.1",
    "=1",
    "—",
    "#N/A",
]
cells = st.one_of(
    st.sampled_from(["", *WORDS]), st.text(max_size=12), st.integers(-(10**18), 10**18).map(str), st.floats().map(str)
)
good = st.integers(0, 400).map(lambda i: posts(i + 2)[-1])
rows = st.one_of(st.lists(cells, max_size=9), good, st.just(list(POST_HEADER)), st.just([]))
plain = st.text(st.characters(codec="utf-8", exclude_categories=["C"], exclude_characters="\ufeff;={"), max_size=12)


@often
@given(grid=st.lists(rows, max_size=25), known=st.booleans(), excel=st.booleans())
def test_every_row_of_any_sheet_is_accounted_for(
    held: Callable[..., Checked], grid: list[list[str]], known: bool, excel: bool
) -> None:
    grid = [list(POST_HEADER), *grid] if known else grid
    clean = [[re.sub(r"[\x00-\x1f\ufffe\uffff]|^[=@].*", "", c) for c in row] for row in grid]
    checked = held(xlsx_bytes({"s": clean}), "公益性岗位.xlsx") if excel else held(csv_bytes(grid), "公益性岗位.csv")
    assert checked.sheet_rows == checked.data_rows + sum(checked.skipped.values())
    kept = [r for f in (checked.accepted, checked.quarantined) if f.height for r in f["_row"].to_list()]
    assert len(set(kept)) == len(kept) and len(kept) <= checked.data_rows
    if not checked.refused:
        assert len(kept) == checked.data_rows
    faulty = {f.row for f in checked.findings if f.severity == "warning"}
    assert not checked.quarantined.height or set(checked.quarantined["_row"]) <= faulty
    assert all(f.message and f.remedy and f.severity in ("error", "warning", "note") for f in checked.findings)


KINDS = (
    "household_no",
    "id_number",
    "person_name",
    "text",
    "integer",
    "decimal",
    "amount",
    "date",
    "month",
    "yes_no",
    "township",
    "village",
)


@rarely
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("required", [False, True])
@given(texts=st.lists(st.one_of(st.none(), cells.filter(str.strip)), min_size=1, max_size=8))
def test_any_cell_is_a_value_or_nothing_or_refused(
    reading: Reading, kind: str, required: bool, texts: list[str | None]
) -> None:
    stripped = [t and t.strip() for t in texts]
    typed = reading.typed(column(kind, required=required), pl.Series("", stripped, pl.String))
    assert len(typed.values) == len(texts) and typed.values.dtype == DTYPES.get(kind, pl.String())
    values = typed.values.to_list()
    assert all(values[i] is None for i in typed.refused)
    if required:
        assert {i for i, v in enumerate(values) if v is None} == set(typed.refused)
    for i, (text, value) in enumerate(zip(stripped, values, strict=True)):
        alone = reading.typed(column(kind, required=required), pl.Series("", [text], pl.String))
        assert (alone.values[0], alone.refused.get(0)) == (value, typed.refused.get(i))


@often
@given(grid=st.lists(st.lists(plain, min_size=2, max_size=6), min_size=1, max_size=12))
def test_reading_gives_back_what_was_written(grid: list[list[str]]) -> None:
    """A workbook ends with its last cell that has anything; a CSV that begins as a page of the web is none."""
    assume(any(c.strip() for row in grid for c in row) and not grid[0][0].lstrip().startswith("<"))
    width = max(map(len, grid))
    padded = [[*row, *[""] * (width - len(row))] for row in grid]
    for data in (
        xlsx_bytes({"s": padded}),
        csv_bytes(padded, "utf-8"),
        csv_bytes(padded, "gb18030"),
        csv_bytes(padded),
    ):
        [sheet] = read_table(data, "t")
        cells_of = sheet.rows.to_dict(as_series=False)
        read = [
            [(cells_of[str(c)][r] if str(c) in cells_of else None) or "" for c in range(width)]
            for r in range(sheet.rows.height)
        ]
        assert read == padded[: len(read)] and not any(c for row in padded[len(read) :] for c in row)


TITLES = st.lists(
    st.sampled_from([[], ["公益性岗位名册"], ["填报单位：某局"], ["", "", "单位：元"], ["附件1"], ["（2020年3月）"]]),
    max_size=6,
)


@often
@given(
    above=TITLES,
    n=st.integers(1, 6),
    after=st.lists(st.sampled_from([[], ["合计", "", "3"], ["备注：无"]]), max_size=3),
)
def test_a_header_is_found_under_any_titles(
    held: Callable[..., Checked], headers: Headers, above: list[list[str]], n: int, after: list[list[str]]
) -> None:
    data = csv_bytes([*above, *posts(n), *after])
    checked = held(data)
    assert not checked.refused and checked.accepted["_row"].to_list() == [len(above) + 2 + i for i in range(n)]
    [sheet] = read_table(data, "t.csv")
    [table] = find_tables(sheet)
    assert table.block.first == len(above) == headers.tables(sheet, "public_post")[0].first


@often
@given(
    born=st.dates(date(1930, 1, 1), date(2099, 12, 31)),
    place=st.integers(110000, 659999),
    order=st.integers(0, 999),
    around=st.text("甲乙（）, ", max_size=6),
)
def test_any_id_number_is_read_in_all_its_forms_and_hidden_in_words(
    born: Any, place: int, order: int, around: str
) -> None:
    digits = f"{place}{born:%Y%m%d}{order:03d}"
    number = digits + check_digit(digits)
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number)
    for form in (number, number.lower(), wide, f" {number[:6]} {number[6:14]} {number[14:]} ", f"'{number}"):
        assert id_number(form) == number
    if born.year < 2000:
        assert id_number(digits[:6] + digits[8:]) == number
    other = digits + next(c for c in "0123456789X" if c != number[-1])
    assert isinstance(id_number(other), Refusal) and isinstance(id_number(f"{float(int(digits + '0')):.14e}"), Refusal)
    for shown in (number, wide, other):
        words = f"{around}{shown}{around}"
        assert shown[8:] not in without_ids(words) and shown[8:] not in masked(words)
        assert without_ids(words).startswith(around) and len(without_ids(words)) == len(words)


@rarely
@given(
    data=st.one_of(
        st.binary(max_size=200),
        st.binary(max_size=50).map(lambda b: b"PK\x03\x04" + b),
        st.text(max_size=200).map(str.encode),
    )
)
def test_any_bytes_are_a_table_or_say_what_is_wrong(
    contracts: dict[str, Contract], headers: Headers, reading: Reading, data: bytes
) -> None:
    checked = check(data, "公益性岗位.xlsx", "2020-03", contracts["public_post"], headers, reading)
    assert checked.sheet_rows == checked.data_rows + sum(checked.skipped.values())
    assert checked.refused and any(f.severity == "error" and f.remedy for f in checked.findings)


@rarely
@given(order=st.permutations(range(len(POST_HEADER))), n=st.integers(1, 8))
def test_the_order_of_columns_does_not_matter(held: Callable[..., Checked], order: list[int], n: int) -> None:
    turned = held(csv_bytes([[row[i] for i in order] for row in posts(n)]))
    assert turned.findings == [] and turned.accepted.equals(held(csv_bytes(posts(n))).accepted)
