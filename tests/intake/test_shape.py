"""Tables are found without being told where, whatever habits a department has; every row keeps Excel's number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from pipelines.intake.reader import read_table
from pipelines.intake.shape import find_tables, kinds, stated_unit, stripped, unit_of
from tests.intake.conftest import Grid, csv_bytes, xlsx_bytes

Read = tuple[list[int], list[str], list[int]]


def tables(rows: Grid, merged: Sequence[tuple[int, int, int, int, str]] = ()) -> list[Read]:
    """Header rows, column names and data rows of every table of a one-sheet workbook."""
    [sheet] = read_table(xlsx_bytes({"s": rows}, {"s": merged}) if merged else csv_bytes(rows), "s.csv")
    found = []
    for table in find_tables(sheet):
        body = stripped(sheet, table.block.last + 1, table.end)
        others = kinds(body, [str(p) for p in table.block.paths], sheet.merged).others | {r + 1 for r in table.again}
        header = sorted({*range(table.block.first + 1, table.block.last + 2), *(r + 1 for r in table.again)})
        found.append((header, list(table.block.paths.values()), [r for r in body["_row"].to_list() if r not in others]))
    return found


def test_title_unit_and_footer_rows_are_no_table() -> None:
    rows = [["附件1"], ["2020年1月蔬菜进出库情况表"], ["统计时间：1月2日", "", "单位：吨"], ["序号", "仓库", "进库"], [1, "东库", 3], [2, "西库", 4],
            ["合计", "", 7], ["备注：含调剂"], ["制表人：甲", "", "审核人：乙"]]  # fmt: skip
    assert tables(rows) == [([4], ["序号", "仓库", "进库"], [5, 6])]


@pytest.mark.parametrize("merged", [False, True])
def test_three_levels(merged: bool) -> None:
    rows = [
        ["乡镇", "人口", "", "", ""],
        ["", "总数", "其中：", "", ""],
        ["", "", "男", "女", "其中：老人"],
        ["甲镇", 9, 5, 4, 2],
    ]
    ranges = [(0, 0, 2, 0, "乡镇"), (0, 1, 0, 4, "人口"), (1, 1, 2, 1, "总数"), (1, 2, 1, 4, "按性别")]
    if merged:
        [(header, names, data)] = tables(
            [["", "", "", "", ""], [], ["", "", "男", "女", "其中：老人"], rows[3]], ranges
        )
        assert names == ["乡镇", "人口/总数", "人口/按性别/男", "人口/按性别/女", "人口/按性别/其中：老人"]
    else:
        rows[1][2] = "按性别"
        [(header, names, data)] = tables(rows)
        assert names[:4] == ["乡镇", "人口/总数", "人口/按性别/男", "人口/按性别/女"]
    assert (header, data) == ([1, 2, 3], [4])


def test_four_levels() -> None:
    top = [["项目", "甲", "", ""], ["", "乙", "", ""], ["", "丙", "", "戊"], ["", "丁一", "丁二", ""], ["路", 1, 2, 3]]
    ranges = [(0, 0, 3, 0, "项目"), (0, 1, 0, 3, "甲"), (1, 1, 1, 3, "乙"), (2, 1, 2, 2, "丙"), (2, 3, 3, 3, "戊")]
    assert tables(top, ranges) == [([1, 2, 3, 4], ["项目", "甲/乙/丙/丁一", "甲/乙/丙/丁二", "甲/乙/戊"], [5])]


def test_stacked_tables_of_different_things() -> None:
    rows = [["总表"], ["序号", "市场", "进库量"], [1, "东", 5], ["", "合计", 5], ["序号", "商店", "门店数"], [1, "南", 7], [2, "北", 8], [], ["第三张"],
            ["区", "点数", "说明"], ["朝阳", 3, "无"]]  # fmt: skip
    assert tables(rows) == [
        ([2], ["序号", "市场", "进库量"], [3]),
        ([5], ["序号", "商店", "门店数"], [6, 7]),
        ([10], ["区", "点数", "说明"], [11]),
    ]


def test_a_header_half_way_in_nearly_the_same_words_comes_again() -> None:
    rows = [["单位", "上日库存", "当日调入量"], ["甲", 1, 2], ["单位", "上日库存", "当日采购量"], ["乙", 3, 4]]
    assert tables(rows) == [([1, 3], rows[0], [2, 4])]


def test_a_table_of_words_alone_begins_at_its_first_row_of_names() -> None:
    rows = [["联系名册"], ["姓名", "村", "备注"], ["张测试", "上寨", "党员"], ["李测试", "下寨", "群众"]]
    assert tables(rows) == [([2], rows[1], [3, 4])]


@pytest.mark.parametrize("at", [0, 1, 3])
def test_totals_first_in_the_middle_or_last(at: int) -> None:
    body = [["甲村", 1], ["乙村", 2], ["丙村", 3]]
    body.insert(at, ["总 计：", 6])
    assert tables([["村", "户数"], *body]) == [([1], ["村", "户数"], [r for r in (2, 3, 4, 5) if r != at + 2])]


def test_sections_are_no_data_but_an_incomplete_row_is() -> None:
    rows = [
        ["村", "户数", "人数"],
        ["一、坝区"],
        ["甲村", 1, 2],
        ["（二）山区"],
        ["乙村", 3, 4],
        ["丙村"],
        ["丁村", 1, 1],
    ]
    assert tables(rows) == [([1], rows[0], [3, 5, 6, 7])]


def test_a_row_merged_across_is_a_section() -> None:
    rows = [["村", "户数", "人数"], ["", "", ""], ["甲村", 1, 2]]
    assert tables(rows, [(1, 0, 1, 2, "坝区")]) == [([1], rows[0], [3])]


def test_units_and_column_numbers_under_the_names() -> None:
    rows: list[list[Any]] = [
        ["村", "户数", "收入", "支出"],
        ["", "户", "万元", "（万元）"],
        ["甲", "1", "2", "3"],
        ["子村", 5, 6.5, 7],
    ]
    assert tables(rows) == [([1, 2, 3], rows[0], [4])]
    assert tables([rows[0], ["子村", "1", "2", "3"]]) == [([1], rows[0], [2])]
    listed = [["序号", "户数", "收入", "支出"], ["1", "2", "3", "4"], ["2", "5", "6", "7"]]
    assert tables(listed) == [([1], listed[0], [2, 3])]


def test_years_may_be_names() -> None:
    rows = [["指标", "2018年", "2019年", "2020"], ["户数", 1, 2, 3]]
    assert tables(rows) == [([1], rows[0], [2])]


def test_notes_after_the_table_stay_out() -> None:
    rows = [["时间", "数量(亿元)"], ["2021年5月", 1.5], ["2021年4月", 2], ["注：含存款"], ["数据来源：统计局"]]
    assert tables(rows) == [([1], rows[0], [2, 3])]


def test_sixty_five_thousand_used_rows_and_sixteen_thousand_columns() -> None:
    rows: list[list[Any]] = [["村", "户数", "人数"], ["甲村", 1, 2], *[[]] * 65_530, ["", "", " "]]
    assert tables(rows) == [([1], rows[0], [2])]
    wide = [["村", "户数", "人数", *[""] * 16_376, " "], ["甲村", 1, 2]]
    assert [found[2] for found in tables(wide)] == [[2]]


def test_nothing_to_find() -> None:
    assert tables([["只有一句话"]]) == [] and tables([["a", "b"], ["c", "d"]][:1]) == []


def test_units() -> None:
    assert [
        unit_of(h) for h in ("收入（万元）", "总量(吨)", "数量（箱/袋）", "投放（对接+自采）", "户数", "占比(%)")
    ] == ["万元", "吨", "箱/袋", None, None, "%"]
    assert stated_unit(["蔬菜表", "单位： 吨"]) == "吨" and stated_unit(["填报单位：元江县"]) is None
