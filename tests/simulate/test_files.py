"""What lies in the folders: names, encodings, headers, footers, times, and what goes wrong on purpose."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.intake.contract import Contract
from pipelines.intake.pseudonym import check_digit
from pipelines.policy import Pack
from pipelines.simulate import Simulated, SimulationError, observe, simulate
from pipelines.simulate.write import header_levels
from tests.simulate.conftest import SMALL, rows_of


def received(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def test_a_month_is_the_same_bytes_whatever_is_asked_for_beside_it(
    tmp_path: Path, written: tuple[Path, Simulated], pack: Pack, contracts: dict[str, Contract]
) -> None:
    out, _ = written
    simulate(tmp_path, pack, contracts, ["2019-06"], SMALL)
    again = {p.name: (p.read_bytes(), p.stat().st_mtime) for p in (tmp_path / "2019-06").iterdir()}
    assert again == {p.name: (p.read_bytes(), p.stat().st_mtime) for p in (out / "2019-06").iterdir()}


def test_another_seed_is_another_county(
    tmp_path: Path, written: tuple[Path, Simulated], pack: Pack, contracts: Any
) -> None:
    out, _ = written
    simulate(tmp_path, pack, contracts, ["2019-06"], SMALL, seed=1)
    register = "县公安局_建档立卡人员信息表_2019年06月.csv"
    assert (tmp_path / "2019-06" / register).read_bytes() != (out / "2019-06" / register).read_bytes()


def test_files_are_named_after_sender_table_and_month(written: tuple[Path, Simulated]) -> None:
    out, simulated = written
    names = {p.name for p in (out / "2020-08").iterdir()}
    assert names >= {
        "县人力资源和社会保障局_公益性岗位在岗人员名册_2020年08月.xls",
        "县住房和城乡建设局_农村住房安全情况台账_2020年08月.csv",
        "县医疗保障局_住院医疗费用结算明细表_2020年08月.xlsx",
        "县扶贫办_建档立卡户信息表_2020年08月.csv",
    }
    assert all(p.exists() for p in [*simulated.files, *simulated.corrections])
    assert len(set(simulated.files)) == len(simulated.files)


def test_words_are_those_of_the_pack(rows: Any, pack: Pack, contracts: dict[str, Contract]) -> None:
    for extract in observe.ROWS:
        contract = contracts[extract]
        table = rows("2020-12", contract.title.zh)
        headers = table[1]
        for column in contract.columns:
            if column.codes and column.headers[0] in headers:
                i = headers.index(column.headers[0])
                words = {row[i] for row in table[2:-2] if row[i]}
                assert all(pack.code_for(column.codes, word) for word in words), (extract, column.name)


@pytest.mark.parametrize(
    ("word", "beginning", "encoding"),
    [
        ("户信息表", "勐海县建档立卡户信息表（2020年12月）,,", "gb18030"),
        ("人员信息表", "户编号,姓名,公民身份号码", "utf-8-sig"),
        ("住房安全", "勐海县农村住房安全情况台账（2020年12月）,,", "gb18030"),
    ],
)
def test_csv_files_are_encoded_as_each_department_does(
    written: tuple[Path, Simulated], word: str, beginning: str, encoding: str
) -> None:
    out, _ = written
    (path,) = (p for p in (out / "2020-12").iterdir() if word in p.name)
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")
    assert data.decode(encoding).startswith(beginning)


def test_settlements_are_in_ten_thousands_under_a_merged_header(rows: Any) -> None:
    table = rows("2020-08", "住院医疗费用")
    assert table[0][0] == "勐海县住院医疗费用结算明细表（2020年8月）"
    assert table[1][0] == "单位：万元"
    assert table[2][:4] == ["参保人员", "", "就诊医院", "住院时间"]
    assert table[3][:4] == ["姓名", "身份证号", "级别", "入院日期"]
    *body, total, footer = table[4:]
    assert total[0] == "合计"
    assert footer[0].startswith("填表人")
    for row in body:
        year, month, day = row[4].split(".")
        assert (year, month) == ("2020", "8")
        assert 1 <= int(day) <= 31
        whole, *parts = (round(value * 1_000_000) for value in row[5:10])
        assert whole == sum(parts)
        assert row[5] < 50
    assert round(total[9] * 1_000_000) == sum(round(row[9] * 1_000_000) for row in body)


def test_training_dates_are_text_below_a_blank_row(rows: Any) -> None:
    table = rows("2020-08", "培训转移")
    assert not any(table[1])
    assert table[2][0] == "台账编号"
    assert all(row[5] == "" or row[5].startswith("2020年8月") for row in table[3:])
    assert {row[7] for row in table[3:]} == {"是", "否"}


def test_townships_are_merged_downwards(rows: Any) -> None:
    table = rows("2020-08", "人居环境")
    assert table[1][:6] == ["乡镇", "行政村", "农户（户）", "", "公厕（座）", ""]
    body = table[3:-2]
    assert len(body) == 105
    assert sum(row[0] != "" for row in body) == 11
    assert [table[-2][0], table[-1][0][:3]] == ["合计", "统计人"]


def test_posts_have_real_dates_and_bare_village_names(rows: Any) -> None:
    body = rows("2020-08", "公益性岗位")[2:-1]
    assert all(isinstance(row[5], date) for row in body)
    assert all(isinstance(row[3], str) and not row[1].endswith("委会") for row in body)


def test_bare_village_names_are_one_village_in_their_township(pack: Pack) -> None:
    bare = [
        (a.parent, a.name.removesuffix("村民委员会").removesuffix("社区居民委员会"))
        for a in pack.areas
        if a.level == "village"
    ]
    assert len(set(bare)) == len(bare)


def test_three_ids_were_typed_as_numbers_in_one_month(rows: Any) -> None:
    body = rows("2019-06", "公益性岗位")[2:-1]
    numbers = [row[3] for row in body if not isinstance(row[3], str)]
    assert len(numbers) == 3
    assert all(number > 10**17 for number in numbers)


def test_files_come_before_they_are_due_but_two(written: tuple[Path, Simulated], pack: Pack) -> None:
    _, simulated = written
    late = [p for p in simulated.files if received(p).date() > pack.deadline("any", p.parent.name)]
    assert {p.parent.name for p in late} == {"2020-08"}
    assert {(p.stem.split("_")[1], received(p).date()) for p in late} == {
        ("农村人居环境情况统计表", date(2020, 9, 21)),
        ("监测帮扶措施落实台账", date(2020, 9, 21)),
    }
    assert len(late) == 2
    early = [p for p in simulated.files if (received(p).year, received(p).month, received(p).day) <= (2018, 1, 2)]
    assert not early


def test_the_correction_lifts_families_above_the_line(written: tuple[Path, Simulated], pack: Pack) -> None:
    out, simulated = written
    (corrected,) = (p for p in simulated.corrections if "住院医疗费用" in p.name)
    assert corrected.parent == out / "corrections" / "2020-12"
    assert received(corrected).date() == date(2021, 1, 25)
    (first,) = (p for p in (out / "2020-12").iterdir() if "住院医疗费用" in p.name)
    wrong, right = rows_of(first), rows_of(corrected)
    assert len(wrong) == len(right)
    changed = [(a, b) for a, b in zip(wrong[4:-2], right[4:-2], strict=True) if a != b]
    assert changed
    line = float(pack.clauses["MH20-014"].quantity) / 10_000
    for before, after in changed:
        assert before[:5] == after[:5]
        assert before[5] == pytest.approx(after[5] / 10, abs=1e-6)
        assert round(before[5] * 1e6) == sum(round(value * 1e6) for value in before[6:10])
    assert any(before[9] < line < after[9] for before, after in changed)


def test_a_correction_by_key_holds_the_corrected_rows_only(written: tuple[Path, Simulated]) -> None:
    out, simulated = written
    (corrected,) = (p for p in simulated.corrections if "资金支付明细" in p.name)
    (first,) = (p for p in (out / "2020-12").iterdir() if "资金支付明细" in p.name)
    ids = [row[0] for row in rows_of(first)]
    right = [row for row in rows_of(corrected) if str(row[0]).startswith("PZ")]
    assert 1 <= len(right) < len([i for i in ids if str(i).startswith("PZ")])
    for row in right:
        before = rows_of(first)[ids.index(row[0])]
        assert before[:-1] == row[:-1]
        assert before[-1] == pytest.approx(row[-1] / 10, abs=0.01)


def test_id_numbers_of_nobody_are_well_formed(tmp_path: Path, pack: Pack, contracts: dict[str, Contract]) -> None:
    months = {"2019-04": 1, "2019-05": 0, "2020-11": 2}
    simulate(tmp_path, pack, contracts, list(months), SMALL, extracts=["public_post", "person_register"])
    for period, n in months.items():
        posts, register = (
            {str(cell) for row in rows_of(path) for cell in row if re.fullmatch(r"\d{17}[\dX]", str(cell))}
            for word in ("公益性岗位", "人员信息表")
            for path in (tmp_path / period).glob(f"*{word}*")
        )
        assert len(posts) > n == len(posts - register)
        assert all(check_digit(number[:17]) == number[17] for number in posts)


def test_truth_lies_beside_the_files(written: tuple[Path, Simulated]) -> None:
    out, _ = written
    months = pl.read_parquet(out / "truth" / "household_month.parquet")
    assert months["period"].unique(maintain_order=True).to_list() == ["2017-12", "2019-06", "2020-08", "2020-12"]
    fell = months.filter(pl.col("fell_back"))
    assert fell["why"].null_count() == fell["since"].null_count() == 0
    assert (fell["since"] <= fell["period"]).all()
    households = pl.read_parquet(out / "truth" / "household.parquet")
    assert months["hh_id"].is_in(households["hh_id"].to_list()).all()


def test_the_real_table_comes_with_its_month(written: tuple[Path, Simulated]) -> None:
    out, _ = written
    path = out / "2017-12" / "2017-12_未脱贫户致贫原因统计表.xlsx"
    assert date(2018, 1, 3) <= received(path).date() <= date(2018, 1, 14)
    assert not list((out / "2020-12").glob("*致贫原因*"))


@pytest.mark.parametrize(
    ("months", "households", "what"),
    [(["2021-01"], 300, "2021-01"), (["2017-11"], 300, "2017-12"), (["2018-01"], 99, "100")],
)
def test_what_cannot_be_simulated_is_said(
    tmp_path: Path, pack: Pack, contracts: dict[str, Contract], months: list[str], households: int, what: str
) -> None:
    with pytest.raises(SimulationError, match=what):
        simulate(tmp_path, pack, contracts, months, households)


def test_a_header_of_two_levels() -> None:
    upper, lower = header_levels(["站点", "户/编号", "户/姓名", "日期", "户/备注"])
    assert upper == [("站点", 0, 0), ("户", 1, 2), ("日期", 3, 3), ("户", 4, 4)]
    assert lower == [None, "编号", "姓名", None, "备注"]


def test_a_slash_in_a_unit_is_no_second_level() -> None:
    assert header_levels(["商品", "收购价（元/公斤）"])[1] == [None, None]


def test_two_processes_write_what_one_does(tmp_path: Path, pack: Pack, contracts: dict[str, Contract]) -> None:
    months, some = ["2018-01", "2018-02", "2018-03"], ["public_post", "edu_student"]
    one, two = (simulate(tmp_path / str(n), pack, contracts, months, 100, extracts=some, processes=n) for n in (1, 2))
    assert [p.name for p in one.files] == [p.name for p in two.files]
    assert [p.read_bytes() for p in one.files] == [p.read_bytes() for p in two.files]
