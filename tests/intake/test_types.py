"""What a cell of each type may say: both sides of each boundary."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from pipelines.intake.contract import Column
from pipelines.intake.refusal import Refusal
from pipelines.intake.types import Reading, Typed


def column(kind: str, **more: Any) -> Column:
    numeric = {"integer": "person", "decimal": "percent", "amount": "yuan"}
    given: dict[str, Any] = {
        "name": "x", "title": {"zh": "列", "en": "x"}, "headers": ["列"], "type": kind,
        "personal": kind in ("household_no", "id_number", "person_name"),
    }  # fmt: skip
    if kind in numeric:
        given["unit"] = numeric[kind]
    return Column.model_validate(given | more)


def read(reading: Reading, column: Column, texts: Sequence[str | None], **more: Any) -> list[Any]:
    """Each cell's value, or the rule by which it is refused in quotes."""
    typed: Typed = reading.typed(column, pl.Series("", texts, pl.String), **more)
    return [f"<{typed.refused[i].rule}>" if i in typed.refused else v for i, v in enumerate(typed.values.to_list())]


@pytest.mark.parametrize(
    "text",
    ["2020-03-05", "2020-3-5", "2020/3/5", "2020.3.5", "2020年3月5日", "2020 年 3 月 5 日", "２０２０-03-05", "20200305", "43895", "43895.25",
     "2020-03-05 09:30:00", "2020-03-05T09:30:00"],
)  # fmt: skip
def test_dates(reading: Reading, text: str) -> None:
    assert read(reading, column("date"), [text]) == [date(2020, 3, 5)]


@pytest.mark.parametrize(
    "text",
    ["2020.3", "2020年3月", "2020", "20-3-5", "2020-02-30", "0020-03-05", "20201305", "19999", "60001", "三月五日"],
)
def test_what_is_no_date_is_refused(reading: Reading, text: str) -> None:
    assert read(reading, column("date"), [text]) == ["<not_a_date>"]


def test_serials_between_20000_and_60000_are_dates(reading: Reading) -> None:
    assert read(reading, column("date"), ["20000", "60000"]) == [date(1954, 10, 3), date(2064, 4, 8)]


@pytest.mark.parametrize("nothing", ["-", "—", "——", "/", "无", None])
@pytest.mark.parametrize("kind", ["integer", "decimal", "amount", "date"])
def test_a_dash_is_missing_where_optional_and_refused_where_required(
    reading: Reading, kind: str, nothing: str | None
) -> None:
    assert read(reading, column(kind), [nothing]) == [None]
    assert read(reading, column(kind, required=True), [nothing]) == ["<missing_value>"]


def test_integers(reading: Reading) -> None:
    assert read(reading, column("integer"), ["5", "5.0", "1,234", "１２", "5.5", "三", "5人", "1,23"]) == [
        5, 5, 1234, 12, "<not_a_number>", "<not_a_number>", "<not_a_number>", "<not_a_number>",
    ]  # fmt: skip


def test_amounts_in_yuan_are_exact_to_a_cent(reading: Reading) -> None:
    assert read(reading, column("amount"), ["0.1", "1234.56", "1,234.56", "￥12", "12元", "1.2万元", "0.005", "0.30000000000000004", "一百"]) == [
        Decimal("0.10"), Decimal("1234.56"), Decimal("1234.56"), Decimal("12.00"), Decimal("12.00"), Decimal("12000.00"), Decimal("0.01"),
        Decimal("0.30"), "<not_a_number>",
    ]  # fmt: skip


def test_six_decimals_of_ten_thousand_yuan_are_exact(reading: Reading) -> None:
    texts = [f"{cents / 10**6:.6f}" for cents in range(0, 2_000_000, 997)]
    assert read(reading, column("amount"), texts, scale=10**4) == [Decimal(c) / 100 for c in range(0, 2_000_000, 997)]


def test_ten_thousands_off_the_plain_way_are_exact_too(reading: Reading) -> None:
    assert read(reading, column("amount"), ["1,234.567891", "1.2e-1", "0.1234567", "100元", "99999999999"], scale=10**4) == [
        Decimal("12345678.91"), Decimal("1200.00"), Decimal("1234.57"), Decimal("100.00"), Decimal("999999999990000.00"),
    ]  # fmt: skip


def test_a_number_that_does_not_fit_is_refused(reading: Reading) -> None:
    assert read(reading, column("amount"), ["999999999999", "1e13", "1e99"]) == [
        Decimal("999999999999.00"),
        "<out_of_range>",
        "<out_of_range>",
    ]


def test_range_includes_its_ends(reading: Reading) -> None:
    assert read(reading, column("integer", min=1, max=20), ["0", "1", "20", "21", None]) == [
        "<out_of_range>",
        1,
        20,
        "<out_of_range>",
        None,
    ]


def test_a_percent_sign_is_read_only_where_the_unit_is_percent(reading: Reading) -> None:
    assert read(reading, column("decimal"), ["19.72%", "19.725"]) == [Decimal("19.72"), Decimal("19.73")]
    assert read(reading, column("decimal", unit="m2"), ["19.72%"]) == ["<not_a_number>"]


def test_yes_and_no(reading: Reading) -> None:
    assert read(reading, column("yes_no"), ["是", "√", "1", "否", "无", "×", "-", None, "也许"]) == [
        True, True, True, False, False, False, None, None, "<unknown_code>",
    ]  # fmt: skip


def test_codes_by_any_of_their_words(reading: Reading) -> None:
    causes = column("code", codes="cause")
    assert read(reading, causes, ["因病", "因 病", "缺劳动力", "无", None, "懒"]) == [
        "illness", "illness", "labour_shortage", None, None, "<unknown_code>",
    ]  # fmt: skip


def test_sites_by_name_and_by_code(reading: Reading) -> None:
    said = ["勐遮镇曼令村曼回小组", "曼回小组", "manhui", "打洛镇曼轰村南板小组", "曼回", "paliang2"]
    sites = column("code", codes="relocation_site")
    assert read(reading, sites, said) == ["manhui", "manhui", "manhui", "nanban", "<unknown_code>", "<unknown_code>"]
    [refused, _] = reading.typed(sites, pl.Series("", said, pl.String)).refused.values()
    assert "不在代码表中" in refused.message and "打洛镇勐板村帕亮二队" in refused.remedy


def test_a_code_word_that_says_none_is_a_code(reading: Reading) -> None:
    assert read(reading, column("code", codes="employment_status"), ["无", "-"]) == ["none", None]


def test_townships_in_full_and_short(reading: Reading) -> None:
    assert read(reading, column("township"), ["勐海镇", "勐海", "格朗和乡", "西定", "532822101", "勐海县", "勐"]) == [
        "532822101", "532822101", "532822203", "532822205", "532822101", "<unknown_township>", "<unknown_township>",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["曼真村民委员会", "曼真村委会", "曼真村", "曼真", "勐海镇曼真村委会", " 曼 真", "532822101204"]
)
def test_villages_in_all_their_habits(reading: Reading, text: str) -> None:
    assert read(reading, column("village"), [text]) == ["532822101204"]


def test_a_village_is_looked_for_in_its_own_township(reading: Reading) -> None:
    townships = pl.Series(["532822103", "532822104", "532822101", None])
    typed = reading.typed(column("village"), pl.Series(["曼扫村"] * 4), townships=townships)
    assert typed.values.to_list() == ["532822103205", "532822104204", None, None]
    assert "勐混镇、勐遮镇有同名的村" in typed.refused[2].message
    assert typed.refused[3].message == "同名的村不止一个"


def test_a_village_that_does_not_exist_is_refused(reading: Reading) -> None:
    assert read(reading, column("village"), ["没有的村"]) == ["<unknown_village>"]


def test_fast_and_slow_ways_give_one_column(reading: Reading) -> None:
    typed = reading.typed(column("amount"), pl.Series(["1.50", "1,000", None, "x", "2"]))
    assert typed.values.dtype == pl.Decimal(18, 2)
    assert typed.values.to_list() == [Decimal("1.50"), Decimal("1000.00"), None, None, Decimal("2.00")]
    assert typed.refused == {3: Refusal("not_a_number", "不是数字", "请只填数字，文字说明写在备注中")}


def test_a_text_that_says_none_says_nothing(reading: Reading) -> None:
    assert read(reading, column("text"), ["茶园托管", "无", "-", "无人管护"]) == ["茶园托管", None, None, "无人管护"]


def test_brackets_around_a_number_make_it_negative(reading: Reading) -> None:
    texts = ["(1,234.50)", "（８０）", "(¥80)", "￥（80）", "(0.2万元)", "(80)元", "(-80)", "((80))", "(80", "()"]
    assert read(reading, column("amount"), texts) == [
        Decimal("-1234.50"), Decimal("-80.00"), Decimal("-80.00"), Decimal("-80.00"), Decimal("-2000.00"), Decimal("-80.00"),
        *["<not_a_number>"] * 4,
    ]  # fmt: skip
    assert read(reading, column("integer"), ["(5)"]) == [-5]


def test_money_words_after_a_number(reading: Reading) -> None:
    texts = ["12元整", "1.5万", "1.5 万元", "０.5亿", "人民币12元", "3千元", "12角"]
    values = ["12", "15000", "15000", "50000000", "12", "3000"]
    assert read(reading, column("amount"), texts, scale=10**4) == [*map(Decimal, values), "<not_a_number>"]


@pytest.mark.parametrize(
    "text",
    [
        "2020-03",
        "2020/3",
        "2020.3",
        "2020.03",
        "2020年3月",
        "2020年03月份",
        "２０２０.3",
        "202003",
        "2020-03-31",
        "2020年3月5日",
    ],
)
def test_months(reading: Reading, text: str) -> None:
    assert read(reading, column("month"), [text]) == ["2020-03"]


@pytest.mark.parametrize("text", ["2020.1", "2020", "2020-13", "2020.0", "三月", "1820-03", "2020.13"])
def test_what_is_no_month_is_refused(reading: Reading, text: str) -> None:
    """2020.1 is what a number cell makes of 2020.10, too."""
    assert read(reading, column("month"), [text, "——", "2020.10"]) == ["<not_a_month>", None, "2020-10"]


def test_a_month_where_a_day_is_asked_says_so(reading: Reading) -> None:
    typed = reading.typed(column("date"), pl.Series("", ["2020.3", "2020年3月", "2020.1"], pl.String))
    assert {why.message for why in typed.refused.values()} == {"只写到月，没有日"}


def test_ticks_and_crosses(reading: Reading) -> None:
    assert read(reading, column("yes_no"), ["√", "☑", "对", "v", "×", "□", "x", "不是", "?"]) == [
        True, True, True, True, False, False, False, False, "<unknown_code>",
    ]  # fmt: skip


def test_codes_with_the_number_of_a_list_in_front(reading: Reading) -> None:
    assert read(reading, column("code", codes="cause"), ["因病", "1.因病", "（2）因残", "3、因学", "4"])[:3] == [
        "illness",
        "illness",
        "disability",
    ]
    assert read(reading, column("code", codes="cause"), ["4", "1.2因病"]) == ["<unknown_code>", "<unknown_code>"]


@pytest.mark.parametrize(
    ("text", "why"),
    [(None, "必填项为空"), ("——", "必填项只写了横线或斜线"), ("/", "必填项只写了横线或斜线"), ("－－", "必填项只写了横线或斜线"), ("无", "必填项写的是“无”")],
)  # fmt: skip
def test_what_is_missing_says_how(reading: Reading, text: str | None, why: str) -> None:
    for kind in ("integer", "amount", "date", "text", "person_name"):
        typed = reading.typed(column(kind, required=True), pl.Series("", [text], pl.String))
        assert (typed.refused[0].rule, typed.refused[0].message) == ("missing_value", why)


def test_an_id_number_in_a_column_of_counts_is_no_count(reading: Reading) -> None:
    assert read(reading, column("integer"), ["999999999999", "1000000000000", "532822199001011234", "-1000000000000"]) == [
        999999999999, "<out_of_range>", "<out_of_range>", "<out_of_range>",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["曼真行政村", "曼真村委", "勐海曼真村", "勐海县勐海镇曼真村委会", "勐海县曼真村", "勐海镇 曼真 村民委员会"]
)
def test_villages_with_what_stands_above_them(reading: Reading, text: str) -> None:
    expected = ["<unknown_village>"] if text == "勐海曼真村" else ["532822101204"]
    assert read(reading, column("village"), [text]) == expected


def test_a_village_written_with_its_township_is_looked_for_there(reading: Reading) -> None:
    texts = ["勐混镇曼扫村", "勐遮镇曼扫", "勐混镇曼扫村", "没有的镇曼扫村"]
    townships = pl.Series([None, None, "532822104", "532822103"])
    typed = reading.typed(column("village"), pl.Series(texts), townships=townships)
    assert typed.values.to_list() == ["532822103205", "532822104204", None, None]
    assert "村名前写的是勐混镇，乡镇列是勐遮镇" in typed.refused[2].message and 3 in typed.refused


def test_townships_as_authorities_write_themselves(reading: Reading) -> None:
    texts = ["勐海县勐海镇", "勐海镇人民政府", "勐海县", "人民政府"]
    assert read(reading, column("township"), texts) == ["532822101", "532822101", *["<unknown_township>"] * 2]


@pytest.mark.parametrize("cell", ["#DIV/0!", "#N/A", "=A1+B1", '=HYPERLINK("x")'])
@pytest.mark.parametrize("kind", ["text", "person_name", "integer", "date", "village", "yes_no"])
def test_errors_and_formulas_are_no_values(reading: Reading, kind: str, cell: str) -> None:
    assert read(reading, column(kind), [cell, None]) == ["<cell_error>", None]
    assert read(reading, column(kind, required=True), [cell]) == ["<cell_error>"]


def test_marks_alone_are_words(reading: Reading) -> None:
    assert read(reading, column("text"), ["=", "#", "#1楼", "a=b"]) == ["=", "#", "#1楼", "a=b"]


@pytest.mark.parametrize(("kind", "most"), [("text", 32_767), ("person_name", 666), ("integer", 0)])
def test_a_cell_may_not_hold_a_book(reading: Reading, kind: str, most: int) -> None:
    assert read(reading, column(kind), ["甲" * (40_000 if kind == "text" else 667)]) == ["<too_long>"]
    if most:
        assert read(reading, column(kind), ["甲" * most]) != ["<too_long>"]
