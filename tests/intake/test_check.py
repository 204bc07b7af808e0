"""Bad input: each fault has a name, a place, what was found and a remedy; no row disappears."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pipelines.findings import Finding
from pipelines.intake.check import Checked, check, headers_at
from pipelines.intake.contract import Contract
from pipelines.intake.table import Headers
from pipelines.intake.types import Reading
from tests.intake.conftest import POST_HEADER, csv_bytes, id_of, posts, xlsx_bytes

Held = Callable[..., Checked]


def only(checked: Checked, rule: str) -> Finding:
    """The one finding of a rule, which must say what to do."""
    [finding] = [f for f in checked.findings if f.rule == rule]
    assert finding.message and finding.remedy and finding.file
    return finding


def rules(checked: Checked) -> set[str]:
    return {f.rule for f in checked.findings}


def balanced(checked: Checked) -> bool:
    return checked.sheet_rows == checked.data_rows + sum(checked.skipped.values())


def test_a_good_file_has_no_findings(held: Held) -> None:
    checked = held(csv_bytes(posts(5)))
    assert not checked.refused and checked.findings == []
    assert checked.accepted.height == 5 and checked.quarantined.height == 0 and balanced(checked)


def test_rows_that_are_no_data_are_counted_by_reason(held: Held) -> None:
    rows = [["公益性岗位在岗人员名册"], [], ["2020年3月", "", "", "", "", "", "单位：元"], *posts(3), ["小 计", "", 3], [], ["合计", "", 3],
            ["填表人：某某", "", "审核人：某某"], ["另附说明一份"], []]  # fmt: skip
    checked = held(csv_bytes(rows))
    assert checked.findings == []
    assert checked.skipped == {"title": 2, "header": 1, "blank": 3, "total": 2, "footer": 2}
    assert checked.data_rows == 3 and balanced(checked)
    assert checked.accepted["_row"].to_list() == [5, 6, 7]


def test_two_level_header_in_ten_thousand_yuan(held: Held) -> None:
    upper = ["参保人员", "", "就诊医院", "住院时间", "", "医疗费用", "", "", "", ""]
    lower = [
        "姓名",
        "身份证号",
        "级别",
        "入院日期",
        "结算日期",
        "总费用",
        "基本医保报销",
        "大病保险报销",
        "医疗救助",
        "个人自费",
    ]
    row = ["张测试", id_of(1), "县级医院", "2020.3.1", "2020年3月5日", "1.234567", "1", "—", "/", "0.234567"]
    above = [["住院医疗费用结算明细表（2020年3月）"], ["填报单位：县医保局 单位：万元"]]
    for data, name in (
        (csv_bytes([*above, upper, lower, row], "gb18030"), "t.csv"),
        (xlsx_bytes({"s": [*above, upper, lower, row]}, {"s": [(2, 0, 2, 1, "参保人员"), (2, 3, 2, 4, "住院时间"), (2, 5, 2, 9, "医疗费用")]}), "t.xlsx"),
    ):  # fmt: skip
        checked = held(data, name)
        assert checked.findings == []
        assert checked.accepted["total_cost_yuan"].to_list() == [Decimal("12345.67")]
        assert checked.accepted["reimbursed_major_yuan"].to_list() == [None]
        assert checked.accepted["total_cost_yuan__text"].to_list() == ["1.234567"]
        assert checked.headers["1"][5] == [5, "医疗费用/总费用", "total_cost_yuan", False]
        assert checked.headers["1"][1] == [1, "参保人员/身份证号", "person_id", True]


def test_a_unit_in_one_header_is_that_columns_alone(held: Held) -> None:
    header = [*POST_HEADER[:-1], "月补贴（万元）"]
    assert held(csv_bytes(posts(1, {"pay": "0.08"}, header=header))).accepted["monthly_pay_yuan"].to_list() == [
        Decimal("800.00")
    ]


def test_a_project_without_a_department_in_charge_is_listed(held: Held) -> None:
    header = ["项目编号", "项目名称", "项目类型", "项目主管部门", "项目状态"]
    rows = [[f"XM{n}", f"项目{n}", "产业", "" if n == 4 else "县扶贫办", "在建"] for n in range(8)]
    checked = held(csv_bytes([header, *rows]), "项目库实施进度表.csv")
    finding = only(checked, "missing_value")
    assert (finding.row, finding.column) == (6, "项目主管部门")
    assert checked.accepted["project_id"].to_list() == [f"XM{n}" for n in range(8) if n != 4]


def test_merged_down_townships_and_subtotals(held: Held) -> None:
    header = ["乡镇", "行政村", "农户总数", "无害化卫生户厕"]
    rows = [header, ["合计", "", "60", "30"], ["勐混镇", "小计", "20", "10"], ["", "曼扫", "20", "10"],
            ["勐遮镇", "曼扫", "20", "10"], ["", "勐遮村", "20", "10"]]  # fmt: skip
    checked = held(csv_bytes(rows), "农村人居环境.csv")
    assert checked.accepted["village_code"].to_list() == ["532822103205", "532822104204", "532822104201"]
    assert checked.skipped == {"header": 1, "total": 2}


def test_every_sheet_with_a_table_is_read(held: Held) -> None:
    data = xlsx_bytes(
        {"说明": [["本表由各乡镇填报"]], "一": posts(2), "二": [[], *posts(4)[:1], *posts(4)[3:]], "空": []}
    )
    checked = held(data, "t.xlsx")
    assert not checked.refused and balanced(checked)
    assert checked.accepted.select("_sheet", "_row").rows() == [(2, 2), (2, 3), (3, 3), (3, 4)]
    assert checked.skipped["no_table"] == 1
    assert only(checked, "no_header").severity == "note"


def test_a_missing_required_column_refuses_the_file(held: Held) -> None:
    rows = [row[:4] + row[5:] for row in [list(r) for r in posts(3)]]
    checked = held(csv_bytes(rows))
    finding = only(checked, "missing_column")
    assert checked.refused and (finding.severity, finding.sheet, finding.row, finding.column) == (
        "error",
        "表",
        1,
        "岗位类别",
    )
    assert "岗位名称" in finding.remedy
    assert checked.data_rows == 3 and balanced(checked)


def test_an_optional_column_may_be_missing_and_is_unknown(held: Held) -> None:
    checked = held(csv_bytes([list(r)[:-1] for r in posts(3)]))
    assert checked.findings == []
    assert checked.accepted["monthly_pay_yuan"].to_list() == [None] * 3


def test_an_unknown_column_refuses_the_file(held: Held) -> None:
    checked = held(csv_bytes([[*row, "备注" if i == 0 else ""] for i, row in enumerate(posts(3))]))
    finding = only(checked, "unknown_column")
    assert checked.refused and (finding.column, finding.row) == ("备注", 1)


def test_a_renamed_column_names_what_it_may_have_been(held: Held) -> None:
    checked = held(csv_bytes(posts(2, header=[*POST_HEADER[:4], "岗位", *POST_HEADER[5:]])))
    assert only(checked, "missing_column").found == "岗位"
    assert "岗位类别" in only(checked, "unknown_column").remedy


def test_a_serial_number_column_is_known(held: Held) -> None:
    rows = [["序号", *POST_HEADER], *([i, *row] for i, row in enumerate(posts(2)[1:], 1)), ["", "合计"]]
    checked = held(csv_bytes(rows))
    assert checked.findings == [] and checked.skipped == {"header": 1, "total": 1}


def test_cells_beyond_the_header_are_told(held: Held) -> None:
    checked = held(csv_bytes([list(r) if i else [*r, ""] for i, r in enumerate([*posts(1), [*posts(2)[2], "见附件"]])]))
    assert not checked.refused and only(checked, "unknown_column").column == "第 8 列"


@pytest.mark.parametrize("again_after", [1, 60])
def test_a_header_repeated_half_way_is_read_and_said_so(held: Held, again_after: int) -> None:
    rows = posts(80)
    checked = held(csv_bytes([*rows[: again_after + 1], POST_HEADER, *rows[again_after + 1 :]]))
    finding = only(checked, "repeated_header")
    assert (finding.severity, finding.row) == ("note", again_after + 2)
    assert checked.accepted.height == 80 and checked.skipped == {"header": 2} and balanced(checked)


def test_a_header_repeated_in_other_words_is_the_same_table(held: Held) -> None:
    other = ["乡镇", "服务村", "姓名", "身份证号", "岗位名称", "上岗日期", "月补贴"]
    checked = held(csv_bytes([*posts(3), [], other, *posts(6)[4:]]))
    assert only(checked, "repeated_header").row == 6
    assert checked.accepted["_row"].to_list() == [2, 3, 4, 7, 8, 9] and balanced(checked)


@pytest.mark.parametrize("upper", [[POST_HEADER, POST_HEADER], [POST_HEADER, [], POST_HEADER]])
def test_two_headers_with_no_data_between_refuse_the_file(held: Held, upper: Any) -> None:
    checked = held(csv_bytes([*upper, *posts(3)[1:]]))
    assert checked.refused and only(checked, "two_headers").row in (1, 2, 3)
    assert balanced(checked)


def test_stacked_tables_are_each_read_by_their_own_header(held: Held) -> None:
    """The second has its columns in another order, its own title and its own unit; rows of both keep Excel's numbers."""
    turned = [list(reversed(row)) for row in [[*POST_HEADER[:-1], "月补贴"], *posts(4, *[{}] * 3, {"pay": "0.08"})[4:]]]
    rows = [["公益性岗位名册"], [], *posts(3), ["合计", "", "3"], [], ["续表"], ["单位：万元"], *turned]
    checked = held(csv_bytes(rows))
    assert checked.findings == [] and balanced(checked)
    assert checked.accepted["_row"].to_list() == [4, 5, 6, 12]
    assert checked.accepted["monthly_pay_yuan"].to_list() == [800, 800, 800, 800]
    assert checked.skipped == {"title": 3, "header": 2, "blank": 2, "total": 1}
    assert [headers_at(checked.headers, 1, row)[0][1] for row in (4, 7, 12)] == ["乡镇", "乡镇", "月补贴"]


def test_units_under_the_header_and_column_numbers_belong_to_it(held: Held) -> None:
    header = [*POST_HEADER[:-1], "月补贴"]
    rows = [
        header,
        ["", "", "", "", "", "", "万元"],
        ["甲", "乙", "丙", "1", "2", "3", "4"],
        *posts(2, {"pay": "0.08"}, {"pay": "0.1"})[1:],
    ]
    checked = held(csv_bytes(rows))
    assert checked.findings == [] and checked.skipped == {"header": 3} and balanced(checked)
    assert checked.accepted["monthly_pay_yuan"].to_list() == [800, 1000]


def test_section_rows_are_no_data(held: Held) -> None:
    rows = posts(4)
    checked = held(csv_bytes([rows[0], ["一、护林员"], *rows[1:3], ["（二）保洁员"], *rows[3:]]))
    assert checked.findings == [] and checked.skipped == {"header": 1, "section": 2}
    assert checked.accepted["_row"].to_list() == [3, 4, 6, 7] and balanced(checked)


def test_hidden_rows_columns_and_sheets_are_read_and_said_so(held: Held) -> None:
    import io

    import xlsxwriter

    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    for name, rows in (("一", posts(3)), ("二", posts(5)[:1] + posts(5)[4:])):
        page = book.add_worksheet(name)
        for r, row in enumerate(rows):
            page.write_row(r, 0, row)
    book.get_worksheet_by_name("一").set_row(1, None, None, {"hidden": True})
    book.get_worksheet_by_name("一").set_column(6, 6, None, None, {"hidden": True})
    book.get_worksheet_by_name("二").hide()
    book.close()
    checked = held(data.getvalue(), "t.xlsx")
    assert checked.accepted.height == 5 and rules(checked) == {"hidden_cells"}
    told = [(f.severity, f.sheet, f.row, f.message) for f in checked.findings]
    assert told == [
        ("note", "一", 2, "第 2 行是隐藏的，已照常读取"),
        ("note", "一", None, "“月补贴（元）”列是隐藏的，已照常读取"),
        ("note", "二", None, "工作表是隐藏的，已照常读取"),
    ]


@pytest.mark.parametrize("cell", ["统计月份：2020-02", "所属期：2020年2月", "报告期 202002", "数据时间：2020.2"])
def test_a_month_in_a_cell_above_the_table(held: Held, cell: str) -> None:
    finding = only(held(csv_bytes([["公益性岗位名册"], ["填报单位：某局", "", cell], *posts(2)])), "wrong_month")
    assert (finding.severity, finding.found) == ("error", "2020-02")


def test_a_month_in_the_cell_beside_its_name(held: Held) -> None:
    assert "wrong_month" in rules(held(csv_bytes([["公益性岗位名册"], ["统计月份：", "2020-02"], *posts(2)])))
    assert held(csv_bytes([["公益性岗位名册"], ["统计月份", "2020-03"], *posts(2)])).findings == []
    assert held(csv_bytes([["公益性岗位名册"], ["统计时间", "2020-04-02"], *posts(2)])).findings == []


def test_title_and_file_name_that_clash_are_told_together(held: Held) -> None:
    checked = held(csv_bytes([["公益性岗位名册（2020年3月）"], *posts(2)]), "公益性岗位2020年2月.csv")
    assert checked.refused and "而标题写的是 2020-03" in only(checked, "wrong_month").message


def test_blank_rows_above_a_table_keep_its_row_numbers(held: Held) -> None:
    checked = held(csv_bytes([*[[]] * 120, ["公益性岗位名册"], *posts(2)]))
    assert checked.findings == [] and checked.accepted["_row"].to_list() == [123, 124]
    assert checked.skipped == {"title": 1, "header": 1, "blank": 120} and balanced(checked)


def test_two_columns_for_one_thing_are_two_headers(held: Held) -> None:
    checked = held(csv_bytes([[*row, "身份证号" if i == 0 else row[3]] for i, row in enumerate(posts(2))]))
    finding = only(checked, "two_headers")
    assert checked.refused and finding.found == "身份证号码、身份证号" and finding.column == "身份证号码"


def test_a_file_known_by_its_name_without_its_header(held: Held) -> None:
    checked = held(csv_bytes(posts(3)[1:]), "2020年3月公益性岗位名册.csv")
    assert checked.refused and only(checked, "no_header").extract == "public_post"
    assert only(checked, "no_header").found == "3 行 7 列，没有认得的表头"
    assert checked.skipped == {"no_table": 3} and balanced(checked)


def test_a_file_that_nobody_knows(held: Held) -> None:
    checked = held(csv_bytes([["茶农", "姓名"], ["10", "张测试"]]), "茶叶.csv")
    assert checked.refused and only(checked, "unrecognised_file").found == "2 行 2 列，认得的表头：姓名"
    assert checked.skipped == {"no_table": 2} and balanced(checked)


@pytest.mark.parametrize(("data", "rule"), [(b"", "empty_file"), (b"PK\x03\x04", "unreadable_file")])
def test_a_file_that_cannot_be_read_is_known_by_its_name(held: Held, data: bytes, rule: str) -> None:
    checked = held(data, "公益性岗位.xlsx")
    assert checked.refused and only(checked, rule).extract == "public_post"
    assert checked.sheet_rows == 0


@pytest.mark.parametrize(
    "sheets", [{"s": []}, {"s": [[" "], []]}, {"s": [POST_HEADER]}, {"s": [POST_HEADER, ["合计", "", "0"]]}]
)
def test_nothing_in_it_is_an_empty_file(held: Held, sheets: Any) -> None:
    checked = held(xlsx_bytes(sheets), "公益性岗位.xlsx")
    assert checked.refused and rules(checked) == {"empty_file"} and balanced(checked)


@pytest.mark.parametrize(
    ("extract", "kind", "silence", "accepted"),
    [
        ("med_settlement", "events", "zero", True),
        ("public_post", "snapshot", "zero", True),
        ("survey_form", "events", "unknown", True),
        ("person_register", "snapshot", "unknown", False),
    ],
)
def test_a_nil_return_is_accepted_of_events_and_where_silence_means_none(
    contracts: dict[str, Contract], held: Held, extract: str, kind: str, silence: str, accepted: bool
) -> None:
    contract = contracts[extract]
    assert (contract.kind, contract.silence) == (kind, silence)
    header = [column.headers[0] for column in contract.columns]
    assert rules(held(csv_bytes([header, ["本月无数据"]]))) == (set() if accepted else {"empty_file"})
    assert rules(held(csv_bytes([header]))) == {"empty_file"}


@pytest.mark.parametrize(
    "name", ["公益性岗位2020年2月.csv", "公益性岗位_202002.csv", "2020-02 公益性岗位.csv", "2020.2公益性岗位.csv"]
)
def test_another_month_in_the_file_name(held: Held, name: str) -> None:
    finding = only(held(csv_bytes(posts(2)), name), "wrong_month")
    assert (finding.severity, finding.found, finding.period) == ("error", "2020-02", "2020-03")


@pytest.mark.parametrize(
    "name",
    [
        "公益性岗位2020年3月.csv",
        "2020-03 公益性岗位.csv",
        "20200410公益性岗位.csv",
        "2020-04-10公益性岗位.csv",
        "公益性岗位(2).csv",
    ],
)
def test_the_month_itself_or_a_day_of_sending(held: Held, name: str) -> None:
    assert held(csv_bytes(posts(2)), name).findings == []


@pytest.mark.parametrize(
    ("title", "wrong"),
    [("公益性岗位名册（2020年2月）", True), ("公益性岗位名册 截至2020年2月29日", True), ("公益性岗位名册（2020年3月）", False),
     ("公益性岗位名册 制表时间：2020年4月", False), ("公益性岗位名册 2020年4月10日", False), ("2020年2月至2020年3月名册", False)],
)  # fmt: skip
def test_a_month_in_the_title(held: Held, title: str, wrong: bool) -> None:
    assert ("wrong_month" in rules(held(csv_bytes([[title], *posts(2)])))) is wrong


@pytest.mark.parametrize(
    ("change", "rule", "column"),
    [
        ({"id": id_of(0)[:17] + ("0" if id_of(0)[17] != "0" else "1")}, "id_check_digit", "身份证号码"),
        ({"id": "5.32822199001011e+17"}, "id_lost_digits", "身份证号码"),
        ({"id": "不详"}, "id_malformed", "身份证号码"),
        ({"village": "没有的村"}, "unknown_village", "村"),
        ({"township": "没有的镇"}, "unknown_township", "乡镇"),
        ({"post": "保安"}, "unknown_code", "岗位类别"),
        ({"name": ""}, "missing_value", "姓名"),
        ({"name": "—"}, "missing_value", "姓名"),
    ],
)
def test_a_bad_required_cell_quarantines_its_row(held: Held, change: dict[str, Any], rule: str, column: str) -> None:
    checked = held(csv_bytes(posts(6, change)))
    finding = next(f for f in checked.findings if f.rule == rule)
    assert (finding.severity, finding.sheet, finding.row, finding.column) == ("warning", "表", 2, column)
    assert finding.message and finding.remedy
    assert not checked.refused and checked.accepted.height == 5 and balanced(checked)
    [quarantined] = checked.quarantined.rows(named=True)
    assert (quarantined["_sheet"], quarantined["_row"]) == (1, 2) and column in quarantined["reasons"]
    assert quarantined["hh_id"] is None
    assert (quarantined["person_id"] is None) == rule.startswith("id_")
    assert (quarantined["village_code"] is None) == (rule == "unknown_village")


@pytest.mark.parametrize(
    ("change", "rule"),
    [({"pay": "八百"}, "not_a_number"), ({"pay": "-1"}, "out_of_range"), ({"start": "去年"}, "not_a_date")],
)
def test_a_bad_optional_cell_keeps_its_row_and_is_marked(held: Held, change: dict[str, Any], rule: str) -> None:
    checked = held(csv_bytes(posts(2, {}, change)))
    [name] = ({"pay": "monthly_pay_yuan", "start": "start_date"}[next(iter(change))],)
    assert only(checked, rule).found == next(iter(change.values())) and only(checked, rule).area == "532822101204"
    assert checked.accepted["_quarantined"].to_list() == [[], [name]]
    assert checked.accepted[name].to_list()[1] is None
    assert checked.accepted[f"{name}__text"].to_list()[1] == next(iter(change.values()))


def test_an_id_stored_as_a_number_in_a_workbook_is_refused(held: Held) -> None:
    checked = held(xlsx_bytes({"s": posts(6, {"id": int(id_of(0)[:17] + "1")})}), "t.xlsx")
    assert only(checked, "id_lost_digits").row == 2 and checked.accepted.height == 5


def test_every_bad_cell_has_its_own_finding(held: Held) -> None:
    checked = held(csv_bytes(posts(10, {"id": "1", "village": "x", "pay": "y"})))
    assert sorted(f.rule for f in checked.findings) == ["id_malformed", "not_a_number", "unknown_village"]
    assert "身份证号码" in checked.quarantined["reasons"][0] and "村" in checked.quarantined["reasons"][0]


def test_findings_show_no_personal_data(held: Held) -> None:
    wrong = id_of(0)[:17] + ("0" if id_of(0)[17] != "0" else "1")
    checked = held(csv_bytes(posts(10, {"id": wrong, "post": id_of(3), "pay": id_of(4)})))
    assert only(checked, "id_check_digit").found == wrong[:6] + "*" * 12
    shown = str(checked.findings) + str(checked.accepted.to_dicts()) + str(checked.quarantined.to_dicts())
    assert not any(secret in shown for secret in (wrong, id_of(3), id_of(4), id_of(5), "测试"))


def test_the_second_row_of_a_key_is_refused_and_names_the_first(held: Held) -> None:
    rows = posts(10)
    checked = held(csv_bytes([*rows, rows[3], [*rows[3][:4], "保洁员", *rows[3][5:]]]))
    finding = only(checked, "duplicate_key")
    assert finding.row == 12 and "第 4 行" in finding.message
    assert checked.accepted["_row"].to_list() == [*range(2, 12), 13]
    assert checked.quarantined["_row"].to_list() == [12] and balanced(checked)


def test_a_key_repeated_in_another_sheet(held: Held) -> None:
    checked = held(xlsx_bytes({"一": posts(5), "二": posts(1)}), "t.xlsx")
    assert (
        only(checked, "duplicate_key").sheet == "二" and "工作表“一”第 2 行" in only(checked, "duplicate_key").message
    )


def test_a_refused_row_is_not_the_first_of_its_key(held: Held) -> None:
    rows = posts(10, {"village": "x"})
    checked = held(csv_bytes([*rows, [*rows[1][:1], "曼真", *rows[1][2:]]]))
    assert rules(checked) == {"unknown_village"}


def test_up_to_a_fifth_of_the_rows_may_be_refused(held: Held) -> None:
    bad = {"village": "x"}
    assert not held(csv_bytes(posts(10, bad, bad))).refused
    checked = held(csv_bytes(posts(10, bad, bad, bad)))
    assert checked.refused and only(checked, "too_many_refused").found == "3/10"
    assert checked.data_rows == 10 and balanced(checked)


def test_all_faults_of_a_file_are_told_at_once(held: Held) -> None:
    rows = [[*r[:4], *r[5:], "备注" if i == 0 else ""] for i, r in enumerate(posts(3, {"id": "x"}))]
    assert rules(held(csv_bytes(rows), "2020年1月.csv")) >= {
        "wrong_month",
        "missing_column",
        "unknown_column",
        "id_malformed",
    }


RELOCATION = (
    ("安置点", "户编号", "户主姓名", "入住日期"),
    *[("曼回小组", f"53282200{i:04d}", f"测试{i}", "2019-05-01") for i in range(3)],
)
PARCELS = (("地块", "承包人", "面积"), ("东地", "甲", "3"), ("西地", "乙", "4"))


@pytest.mark.parametrize("between", [[], [[]], [["易地扶贫搬迁后续帮扶台账"]], [[], ["合计", "", "3"], ["附：搬迁户"]]])
def test_another_extract_below_is_split_off_and_named(held: Held, between: Any) -> None:
    checked = held(csv_bytes([*posts(3), *between, *RELOCATION]))
    assert not checked.refused and balanced(checked)
    assert checked.accepted["_row"].to_list() == [2, 3, 4] and checked.quarantined.height == 0
    finding = only(checked, "other_table")
    assert (finding.severity, finding.row) == ("note", 5 + len(between))
    assert "《易地扶贫搬迁后续帮扶台账》（3 行）" in finding.message and "另作一份上报件" in finding.remedy
    assert checked.skipped["other_table"] >= 4


def test_another_extract_without_all_it_needs_is_to_be_sent_apart(held: Held) -> None:
    checked = held(csv_bytes([*posts(3), *(row[1:] for row in RELOCATION)]))
    finding = only(checked, "other_table")
    assert (finding.severity, finding.row) == ("warning", 5) and "另存为单独的文件" in finding.remedy
    assert checked.accepted.height == 3 and checked.skipped == {"header": 1, "other_table": 4}


@pytest.mark.parametrize("title", ["土地流转情况", "二、土地流转"])
def test_a_table_that_nobody_knows_is_split_off_below_its_title(held: Held, title: str) -> None:
    checked = held(csv_bytes([*posts(3), [], [title], *PARCELS]))
    finding = only(checked, "other_table")
    assert (finding.severity, finding.row) == ("note", 7) and "2 行" in finding.message
    assert checked.accepted.height == 3 and checked.quarantined.height == 0
    assert checked.skipped == {"header": 1, "other_table": 4, "blank": 1} and balanced(checked)
    assert "东地" not in str(checked.findings)


def test_tables_of_other_things_above_the_extract(held: Held) -> None:
    checked = held(csv_bytes([["土地流转情况"], *PARCELS, [], ["公益性岗位名册（2020年3月）"], *posts(3)]))
    assert checked.accepted["_row"].to_list() == [8, 9, 10] and only(checked, "other_table").row == 2
    assert checked.skipped == {"title": 1, "header": 1, "other_table": 4, "blank": 1} and balanced(checked)


def test_tables_of_other_things_between_two_of_the_extract(held: Held) -> None:
    turned = [list(reversed(row)) for row in posts(5)]
    checked = held(csv_bytes([*posts(3), ["附表"], *PARCELS, ["续表"], turned[0], *turned[4:]]))
    assert checked.accepted["_row"].to_list() == [2, 3, 4, 11, 12] and only(checked, "other_table").row == 6
    assert balanced(checked)


@pytest.mark.parametrize("before", [[], [[]], [["一、护林员"]]])
def test_a_bad_row_of_words_alone_is_no_other_table(held: Held, before: Any) -> None:
    """Below a section it looks like a header, but what follows has ids and days where the table has them."""
    rows = posts(12)
    bad = ["勐海镇", "曼真", "张测试", "不详", "护林员", "去年", "八百"]
    checked = held(csv_bytes([*rows[:4], *before, bad, *rows[4:]]))
    assert "other_table" not in rules(checked) and checked.accepted.height == 12
    assert checked.quarantined["_row"].to_list() == [5 + len(before)]


def test_another_extract_in_a_sheet_of_its_own_is_named(held: Held) -> None:
    checked = held(xlsx_bytes({"岗位": posts(3), "搬迁": RELOCATION}), "公益性岗位.xlsx")
    finding = only(checked, "other_table")
    assert (finding.severity, finding.sheet, finding.row) == ("note", "搬迁", 1) and checked.accepted.height == 3
    assert balanced(checked)


@pytest.fixture
def by_position(contracts: dict[str, Contract], reading: Reading) -> Held:
    """Hold a file against public_post as if it gave the positions of its columns."""
    places = ("township_code", "village_code", "person_name", "person_id", "post_type", None, "monthly_pay_yuan")
    contract = contracts["public_post"].model_copy(update={"positions": places})
    headers = Headers(contracts | {"public_post": contract})
    return lambda data, name="公益性岗位.csv": check(data, name, "2020-03", contract, headers, reading)


@pytest.mark.parametrize("above", [[], [["公益性岗位名册"], ["单位：元"]], [[], ["公益性岗位名册"], []]])
def test_a_sheet_without_header_is_read_by_the_contracts_positions(by_position: Held, above: Any) -> None:
    checked = by_position(csv_bytes([*above, *posts(5, {"pay": "八百"})[1:], ["合计", "", "5"]]))
    assert only(checked, "headerless").severity == "note" and only(checked, "not_a_number").column == "月补贴"
    assert checked.accepted["_row"].to_list() == [len(above) + i for i in range(1, 6)] and balanced(checked)
    assert checked.accepted["person_id"].null_count() == 0 and checked.accepted["start_date"].null_count() == 5
    assert checked.skipped["total"] == 1 and "header" not in checked.skipped


def test_positions_do_not_stand_in_for_a_header_nobody_knows(by_position: Held) -> None:
    """Neither a header in other words nor a page of words is read as data; a header that is known goes before the positions."""
    other = ["何镇", "何村", "何人", "证件", "岗位", "时间", "补贴"]
    assert rules(
        by_position(csv_bytes([["说明"], ["甲", "乙", "丙", "丁", "戊"], ["己", "庚", "辛", "壬", "癸"]]))
    ) == {"no_header"}
    assert by_position(csv_bytes([other, *posts(3)[1:]])).quarantined.height == 1
    assert by_position(csv_bytes(posts(3))).findings == []


def test_a_share_shown_as_per_cent_is_a_share(held: Held) -> None:
    import io

    import xlsxwriter

    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    page, look = book.add_worksheet(), book.add_format({"num_format": "0.00%"})
    page.write_row(0, 0, ["致贫原因", "户数", "人数", "户占比（%）", "人占比（%）"])
    page.write_row(1, 0, ["因病", 157, 494])
    page.write_row(1, 3, [0.19723618, 0.1972], look)
    book.close()
    checked = held(data.getvalue(), "致贫原因统计.xlsx")
    assert checked.findings == [] and checked.accepted["household_share_pct"].to_list() == [Decimal("19.72")]
    assert checked.accepted["person_share_pct__text"].to_list() == ["19.72%"]


LEDGER = ("台账编号", "姓名", "身份证号", "培训工种", "是否转移就业", "就业地")


@pytest.mark.parametrize("written", ["{}", "（{}）", "{} ", "电话13800000000{}"])
def test_id_numbers_in_words_are_hidden_before_anything_is_kept(held: Held, written: str) -> None:
    number = id_of(7)
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number)
    grouped = f"{number[:6]} {number[6:14]} {number[14:]}"
    old = number[:6] + number[8:17]
    given = [number, number[:17] + "9", wide, grouped, old, number.lower()]
    words = [f"昆明，代领人 {written.format(n) if not written.startswith('电话') else n}" for n in given]
    rows = [LEDGER, *((f"L{i}", f"测试{i}", id_of(i), "茶艺", "是", w) for i, w in enumerate(words))]
    checked = held(csv_bytes(rows), "培训台账.csv")
    finding = only(checked, "id_in_words")
    assert (finding.severity, finding.column) == ("note", "就业地") and "6 个单元格" in finding.message
    kept = str(checked.accepted.to_dicts()) + str(checked.findings)
    assert not any(n[8:] in kept for n in given) and checked.accepted["transfer_place"][0].startswith("昆明，代领人 ")


@pytest.mark.parametrize(
    "place", ["532822101204001", "2020年3月5日至2020年12月31日", "账号 6228480000000000000", "电话 13800000000"]
)
def test_other_numbers_in_words_stay(held: Held, place: str) -> None:
    checked = held(csv_bytes([LEDGER, ("L1", "测试", id_of(1), "茶艺", "是", place)]), "培训台账.csv")
    assert checked.findings == [] or {f.rule for f in checked.findings} == {"missing_column"}
    assert checked.accepted["transfer_place"].to_list() == [place]


def test_an_id_number_for_a_ledgers_number_is_refused(held: Held) -> None:
    rows = [LEDGER, *((f"L{i}" if i else id_of(9), f"测试{i}", id_of(i), "茶艺", "是", "本县") for i in range(6))]
    checked = held(csv_bytes(rows), "培训台账.csv")
    finding = next(f for f in checked.findings if f.rule == "id_in_key")
    assert finding.row == 2 and checked.accepted.height == 5 and checked.quarantined.height == 1
    assert id_of(9) not in str(checked.findings) + str(checked.accepted.to_dicts()) + str(
        checked.quarantined.to_dicts()
    )


def test_a_table_goes_on_under_its_header_after_another_one(held: Held) -> None:
    rows = posts(6)
    checked = held(csv_bytes([*rows[:4], [], *RELOCATION, ["续"], rows[0], *rows[4:]]))
    assert checked.accepted["_row"].to_list() == [2, 3, 4, 12, 13, 14] and balanced(checked)
    assert checked.skipped == {"header": 2, "blank": 1, "other_table": 4, "title": 1}


def test_a_key_that_one_sheet_lacks_is_no_duplicate(held: Held) -> None:
    rows = posts(4)
    checked = held(xlsx_bytes({"一": rows, "二": [[*row[:3], *row[4:]] for row in rows]}), "公益性岗位.xlsx")
    assert checked.refused and "duplicate_key" not in rules(checked) and balanced(checked)


@pytest.mark.parametrize(
    "footer",
    [
        "统计人：甲",
        "填报人: 甲",
        "制表时间：2020年4月2日",
        "审核人：乙",
        "备注：含调剂",
        "注：1.甲",
        "联系电话：0691",
        "（盖章）",
    ],
)
def test_footers_of_all_kinds_are_no_rows(held: Held, footer: str) -> None:
    checked = held(csv_bytes([*posts(3), [], [footer], ["", "", footer]]))
    assert checked.findings == [] and checked.accepted.height == 3
    assert checked.skipped == {"header": 1, "blank": 1, "footer": 2} and balanced(checked)
