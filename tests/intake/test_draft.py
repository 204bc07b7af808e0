"""A workbook that nobody has described gives its tables and contracts that load as they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner

from pipelines.cli import cli
from pipelines.intake.contract import Contract, load_contracts
from pipelines.intake.draft import as_yaml, draft, first_contracts
from tests.intake.conftest import csv_bytes, id_of, posts, xlsx_bytes

STOCK = [["4月10日蔬菜进销存情况表"], ["单位：吨"], ["序号", "仓库", "进货", "", "来源", "占比(%)", "收入（万元）", "是否达标", "登记日期", "月份"],
         ["", "", "数量（箱/袋）", "总量", "", "", "", "", "", ""],
         [1, "东库", 10, 1.5, "山东", "12.5", "1.2", "√", "2020.3.5", "2020年3月"], [2, "西库", "", 2, "", "8%", "（0.5）", "×", "20200306", "2020.4"],
         ["小计", "", 10, 3.5], ["备注：含调剂"]]  # fmt: skip


def only(rows: Any, merged: Any = (), **contracts: Contract) -> Any:
    [table] = draft(xlsx_bytes({"表一": rows}, {"表一": merged}), "t.xlsx", contracts)
    return table


def test_tables_have_rows_as_excel_numbers_them_and_cells_as_found() -> None:
    record = only(STOCK, [(2, 2, 2, 3, "进货")]).as_record()
    assert (record["sheet"], record["header_rows"], record["data_rows"]) == ("表一", [3, 4], [5, 6])
    assert (record["total_rows"], record["note_rows"], record["unit"]) == ([7], [8], "吨")
    assert record["columns"][1:4] == ["仓库", "进货/数量（箱/袋）", "进货/总量"]
    assert record["rows"][1] == ["2", "西库", None, "2", None, "8%", "（0.5）", "×", "20200306", "2020.4"]


def test_types_and_units_are_guessed() -> None:
    guesses = only(STOCK, [(2, 2, 2, 3, "进货")]).as_record()["guesses"]
    assert [(g["type"], g["unit"]) for g in guesses] == [
        (None, None), ("text", None), ("integer", "箱/袋"), ("decimal", "吨"), ("text", None), ("decimal", "percent"), ("amount", "yuan"),
        ("yes_no", None), ("date", None), ("month", None),
    ]  # fmt: skip


def test_the_first_contract_loads(tmp_path: Path) -> None:
    [drafted] = first_contracts([only(STOCK, [(2, 2, 2, 3, "进货")])])
    (tmp_path / f"{drafted['extract']}.yml").write_text(as_yaml(drafted), encoding="utf-8")
    [contract] = load_contracts(tmp_path).values()
    assert (contract.title.zh, contract.recognise, contract.ignored) == (
        "蔬菜进销存情况表",
        ("蔬菜进销存情况表",),
        ("序号",),
    )
    assert [c.name for c in contract.columns] == [f"column_{letter}" for letter in "bcdefghij"]
    assert contract.key == ("column_b",) and [c.required for c in contract.columns[:3]] == [True, False, True]


def test_known_headers_get_their_contracts_names(contracts: dict[str, Contract]) -> None:
    tables = draft(csv_bytes(posts(4), "gb18030"), "岗位.csv", contracts)
    [drafted] = first_contracts(tables)
    named = {c["name"]: c["type"] for c in drafted["columns"]}
    assert named["person_id"] == "id_number" and named["monthly_pay_yuan"] == "amount" and named["post_type"] == "code"
    assert drafted["key"] == ["person_id"] and Contract.model_validate(drafted).column("person_id").personal


def test_personal_columns_are_known_without_a_contract() -> None:
    rows = [["户主姓名", "证件号", "村民小组"], *([f"测{i}", id_of(i), f"{i}组"] for i in range(3))]
    [drafted] = first_contracts([only(rows)])
    assert [(c["type"], c.get("personal")) for c in drafted["columns"]] == [
        ("person_name", True), ("id_number", True), ("text", None),
    ]  # fmt: skip


def test_merged_words_go_down_and_a_merged_number_stays_one() -> None:
    rows = [["类型", "名称", "门店", "总数"], ["", "甲", 1, ""], ["", "乙", 2, ""], ["丁", "丙", 3, 4]]
    table = only(rows, [(1, 0, 2, 0, "商超"), (1, 3, 2, 3, "9")])
    assert [row[3] for row in table.rows] == ["9", None, "4"]
    kinds = {c["headers"][0]: (c.get("merged_down"), c["required"]) for c in first_contracts([table])[0]["columns"]}
    assert kinds == {"类型": (True, True), "名称": (None, True), "门店": (None, True), "总数": (None, False)}


def test_the_same_columns_in_many_sheets_are_one_contract_with_every_wording() -> None:
    day = [["单位", "上日库存", "当日调入量"], ["甲", 1, 2], ["单位", "上日库存", "当日采购量"], ["乙", 3, 4]]
    tables = draft(xlsx_bytes({"一": day, "二": day, "三": [["村", "户数"], ["甲", 1]]}), "t.xlsx", {})
    first, second = first_contracts(tables)
    assert [t.header_rows for t in tables] == [[1, 3], [1, 3], [1]]
    assert first["columns"][2]["headers"] == ["当日调入量", "当日采购量"] and second["extract"] == "new_extract_2"


def test_the_command_prints_both_ways_and_refuses_what_is_no_table(tmp_path: Path) -> None:
    file = tmp_path / "库存.xlsx"
    file.write_bytes(xlsx_bytes({"表一": STOCK}))
    told = json.loads(CliRunner().invoke(cli, ["contract", "draft", str(file), "--json"]).output)
    assert told["tables"][0]["data_rows"] == [5, 6] and told["contract"] == told["contracts"][0]
    shown = CliRunner().invoke(cli, ["contract", "draft", str(file)])
    assert "5–6" in shown.output and Contract.model_validate(
        yaml.safe_load(shown.output[shown.output.index("extract:") :])
    )
    for data in (b"PK\x03\x04", "没有表\n".encode()):
        file.write_bytes(data)
        refused = CliRunner().invoke(cli, ["contract", "draft", str(file)])
        assert refused.exit_code == 1 and "库存.xlsx" in refused.output


def test_two_columns_of_one_name_still_load() -> None:
    [drafted] = first_contracts([only([["村", "户数", "户数(户)"], ["甲", 1, 2]])])
    assert Contract.model_validate(drafted).columns[2].headers == ("待填：column_c 与 column_b 同名，都是“户数(户)”",)
