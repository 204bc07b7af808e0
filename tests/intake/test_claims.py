"""What a file says of itself: its month and its area, in its name, its titles, its sheet names and its rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pipelines.intake.check import Checked, check
from pipelines.intake.claims import Source, months_named
from pipelines.intake.contract import Contract
from pipelines.intake.divisions import Divisions
from pipelines.intake.pseudonym import Pseudonyms
from pipelines.intake.refusal import Refusal
from pipelines.intake.table import Headers
from pipelines.intake.types import Reading
from pipelines.policy import Pack, load_pack
from pipelines.policy.pack import AreaName
from tests.intake.conftest import POST_HEADER, Grid, csv_bytes, posts, xlsx_bytes
from tests.policy.conftest import INVENTED

COUNTY, MENGHAI, DALUO, MENGZHE = "532822", "532822101", "532822102", "532822104"
HOME = {COUNTY: "勐海县", MENGHAI: "勐海镇", DALUO: "打洛镇", MENGZHE: "勐遮镇"}
THERE = {"township": "打洛镇", "village": "打洛村委会"}
Read = Callable[..., Checked]


@pytest.fixture
def read(contracts: dict[str, Contract], reading: Reading) -> Read:
    """Hold a file against public_post as if each township (or village) sent its own, for March 2020."""

    def run(data: bytes, name: str = "公益性岗位.csv", covers: str = "township") -> Checked:
        contract = contracts["public_post"].model_copy(update={"covers": covers})
        return check(data, name, "2020-03", contract, Headers({"public_post": contract}), reading)

    return run


def rules(checked: Checked) -> set[str]:
    return {f.rule for f in checked.findings}


@pytest.mark.parametrize(
    ("name", "title", "sheet", "area"),
    [
        ("打洛镇公益性岗位.xlsx", "名册", "Sheet1", DALUO),
        ("勐海县打洛镇公益性岗位.xlsx", "名册", "Sheet1", DALUO),
        ("打洛公益性岗位.xlsx", "名册", "Sheet1", DALUO),
        ("公益性岗位.xlsx", "勐海县打洛镇公益性岗位名册", "Sheet1", DALUO),
        ("公益性岗位.xlsx", "填报单位：打洛镇人民政府", "Sheet1", DALUO),
        ("公益性岗位.xlsx", "勐海县名册", "打洛镇", DALUO),
        ("公益性岗位.xlsx", "勐海县公益性岗位名册", "Sheet1", MENGHAI),
        ("公益性岗位.xlsx", "名册", "Sheet1", MENGHAI),
        ("全县公益性岗位.xlsx", "名册", "Sheet1", COUNTY),
    ],
)
def test_the_area_is_found_in_name_title_sheet_or_rows(
    read: Read, name: str, title: str, sheet: str, area: str
) -> None:
    rows = posts(3, *([THERE] * 3 if area == DALUO else []))
    checked = read(xlsx_bytes({sheet: [[title], *rows]}), name)
    assert (checked.area, rules(checked), checked.accepted.height) == (area, set(), 3)


def test_a_row_of_another_area_is_refused_and_told(read: Read) -> None:
    checked = read(csv_bytes(posts(9, THERE)), "勐海镇.csv")
    assert (checked.area, checked.refused, checked.accepted.height) == (MENGHAI, False, 8)
    [finding] = checked.findings
    assert (finding.rule, finding.severity, finding.row, finding.area) == ("other_area", "warning", 2, MENGHAI)
    assert "打洛镇" in finding.message and "打洛镇" in finding.remedy
    assert checked.quarantined["_area"].to_list() != [None]


def test_too_many_rows_of_another_area_refuse_the_file(read: Read) -> None:
    checked = read(csv_bytes(posts(3, THERE)), "勐海镇.csv")
    assert checked.refused and rules(checked) == {"other_area", "too_many_refused"}


@pytest.mark.parametrize(("strays", "area", "found"), [(1, MENGHAI, {"other_area"}), (2, COUNTY, {"unknown_area"})])
def test_a_file_that_says_nothing_is_of_the_area_that_its_rows_name_strays_aside(
    read: Read, strays: int, area: str, found: set[str]
) -> None:
    checked = read(csv_bytes(posts(5, *[THERE] * strays)))
    assert (checked.area, rules(checked), checked.refused) == (area, found, "unknown_area" in found)


def test_several_areas_under_the_countys_name_are_the_countys(read: Read) -> None:
    checked = read(csv_bytes([["勐海县公益性岗位名册"], *posts(4, THERE, THERE)]))
    assert (checked.area, checked.findings) == (COUNTY, [])


def test_a_file_with_every_area_in_its_rows_is_the_countys(read: Read, pack: Pack) -> None:
    villages = {a.parent: a.code for a in pack.areas if a.level == "village"}
    rows = posts(len(villages), *({"township": t, "village": v} for t, v in villages.items()))
    checked = read(csv_bytes(rows))
    assert (checked.area, checked.findings) == (COUNTY, [])
    assert rules(read(csv_bytes(rows[:-1]))) == {"unknown_area"}


def test_a_sheet_for_every_area_is_the_countys(read: Read, pack: Pack) -> None:
    villages = {a.parent: a.code for a in pack.areas if a.level == "village"}
    names = {a.code: a.name for a in pack.areas}
    sheets: dict[str, Grid] = {
        names[t]: posts(i + 1, *({"township": t, "village": v} for _ in range(i + 1)))[:: i + 1 or 1]
        for i, (t, v) in enumerate(villages.items())
    }
    assert read(xlsx_bytes(sheets), "公益性岗位.xlsx").area == COUNTY
    assert "area_clash" in rules(read(xlsx_bytes(sheets), "打洛镇.xlsx"))


def test_name_and_title_that_clash_are_told_together(read: Read) -> None:
    checked = read(csv_bytes([["勐遮镇公益性岗位名册"], *posts(3)]), "打洛镇.csv")
    assert checked.refused and checked.area == COUNTY
    [finding] = [f for f in checked.findings if f.rule == "area_clash"]
    assert "文件名写的是打洛镇" in finding.message and "的标题写的是勐遮镇" in finding.message


def test_a_file_that_says_its_township_needs_no_column_of_it(read: Read) -> None:
    header = POST_HEADER[1:]
    rows = [header, *(row[1:] for row in posts(3)[1:])]
    checked = read(csv_bytes(rows), "勐海镇.csv")
    assert (checked.findings, checked.area) == ([], MENGHAI)
    assert checked.accepted["township_code"].to_list() == [MENGHAI] * 3
    assert "missing_column" in rules(read(csv_bytes(rows), "公益性岗位.csv"))


def test_a_villages_file(read: Read) -> None:
    village = read(csv_bytes(posts(3)), "勐海镇曼真村.csv", covers="village")
    assert (village.area, village.findings) == ("532822101204", [])
    township = read(
        csv_bytes(posts(5, {"village": "勐翁村委会"}, {"village": "勐翁村委会"})), "勐海镇.csv", covers="village"
    )
    assert (township.area, township.findings) == (MENGHAI, [])


def test_an_extract_of_the_county_asks_nobody(read: Read) -> None:
    checked = read(csv_bytes(posts(4, THERE, THERE)), "打洛镇.csv", covers="county")
    assert (checked.area, checked.findings) == (COUNTY, [])


# ---------------------------------------------------------------- names with dates


def renamed(pack: Pack) -> Divisions:
    """勐遮镇 as if it had been 老遮乡 until June 2020, with 曼真 of 勐海镇 moved from there, and another 曼根 merged into 曼真."""
    names = [
        AreaName(code=MENGZHE, name="老遮乡", to=date(2020, 6, 9)),
        AreaName(code=MENGZHE, name="遮镇片区"),
        AreaName(code="532822101204", name="曼真村委会", parent=MENGZHE, to=date(2020, 6, 9)),
        AreaName(code="532822101204", name="老曼根村", **{"from": date(2019, 1, 1)}, to=date(2020, 6, 9)),
    ]
    return Divisions(pack.areas, names)


@pytest.mark.parametrize(("period", "known"), [("2020-05", True), ("2020-06", True), ("2020-07", False)])
def test_a_former_name_is_matched_in_the_months_in_which_it_was_borne(pack: Pack, period: str, known: bool) -> None:
    divisions = renamed(pack).at(period)
    for found in (divisions.township("老遮乡"), divisions.township("老遮")):
        assert (found == MENGZHE) is known
    refused = divisions.township("老遮乡")
    assert known or (isinstance(refused, Refusal) and "勐遮镇" in refused.remedy and period in refused.message)
    assert (MENGZHE in divisions.named("老遮乡台账", "township")) is known
    assert divisions.township("勐遮镇") == divisions.township("遮镇片区") == MENGZHE


@pytest.mark.parametrize(
    ("period", "known"), [("2018-12", False), ("2019-01", True), ("2020-06", True), ("2020-07", False)]
)
def test_a_merged_village_leads_to_the_one_it_went_into(pack: Pack, period: str, known: bool) -> None:
    found = renamed(pack).at(period).village("老曼根村委会", None)
    assert (found == "532822101204") is known
    assert known or (isinstance(found, Refusal) and "曼真" in found.remedy)


def test_a_village_that_moved_is_found_under_both_townships_while_it_may_be(pack: Pack) -> None:
    before, after = renamed(pack).at("2020-06"), renamed(pack).at("2020-07")
    assert before.village("曼真", MENGZHE) == before.village("曼真", MENGHAI) == "532822101204"
    assert after.village("曼真", MENGHAI) == "532822101204"
    assert isinstance(after.village("曼真", MENGZHE), Refusal)


def test_other_names_stand_in_a_file_of_the_pack(pack: Pack, tmp_path: Path) -> None:
    import shutil

    from pipelines.settings import PROJECT

    shutil.copytree(PROJECT / "policies", tmp_path / "policies")
    folder = tmp_path / "policies" / "menghai"
    table = f"code,name,parent,from,to\n{MENGZHE},老遮乡,,,2020-06-09\n"
    (folder / "area_names.csv").write_text(table, encoding="utf-8")
    [name] = load_pack(folder).area_names
    assert (name.code, name.name, name.parent, name.from_, name.to) == (MENGZHE, "老遮乡", "", None, date(2020, 6, 9))
    (folder / "area_names.csv").write_text(f"{table}999,无此地,,2021-01-01,2020-01-01\n", encoding="utf-8")
    with pytest.raises(Exception, match=r"999 不在 areas\.csv[\s\S]*倒置"):
        load_pack(folder)


# ---------------------------------------------------------------- months


@pytest.mark.parametrize(
    ("title", "months", "claimed"),
    [
        ("2020年第一季度统计表", [3, 6, 9, 12], {"2020-03"}),
        ("2020年4季度统计表", [3, 6, 9, 12], {"2020-12"}),
        ("2020年上半年统计表", [6, 12], {"2020-06"}),
        ("2020年春季学期学生台账", [3, 9], {"2020-03"}),
        ("2019-2020学年第二学期学生台账", [3, 9], {"2020-03"}),
        ("2019-2020学年度第1学期学生台账", [3, 9], {"2019-09"}),
        ("2020年度统计表", [12], {"2020-12"}),
        ("2020年学生台账", [3, 9], {"2020-03", "2020-09"}),
        ("2020年12月统计表", [12], {"2020-12"}),
        ("2020年统计表", list(range(1, 13)), set()),
        ("2020年第一季度统计表", list(range(1, 13)), set()),
    ],
)
def test_quarters_terms_and_years_are_months_where_the_extract_is_not_monthly(
    contracts: dict[str, Contract], title: str, months: list[int], claimed: set[str]
) -> None:
    contract = contracts["public_post"].model_copy(update={"months": tuple(months)})
    assert months_named(Source("表", "表", title), contract) == claimed
    assert months_named(Source(None, f"{title}.xlsx"), contract) == claimed


# ---------------------------------------------------------------- a county without townships


def test_without_townships_the_villages_lie_in_the_county(pack: Pack, contracts: dict[str, Contract]) -> None:
    """Of two levels: a column of townships names the county, and none is needed where there is only one thing to name."""
    divisions = Divisions(load_pack(INVENTED).areas)
    assert divisions.township("示例县") == divisions.only_township == "999999"
    assert divisions.village("甲村", "999999") == divisions.village("示例县甲村", None) == "999999001"
    assert isinstance(divisions.township("甲村"), Refusal)
    assert Divisions(pack.areas).only_township is None

    reading = Reading(load_pack(INVENTED), divisions, Pseudonyms(b"a key of the tests"))
    row = {"village_code": "甲村", "leading_product": "茶叶"}
    contract = contracts["village_industry"]
    named = [c for c in contract.columns if c.required and c.type != "township"]
    grid = [[c.headers[0] for c in named], [row.get(c.name, "1") for c in named]]
    checked = check(csv_bytes(grid), "一村一品主导产业情况表.csv", "2020-03", contract, Headers(contracts), reading)
    assert [f.rule for f in checked.findings if f.rule in ("missing_column", "unknown_township")] == []
