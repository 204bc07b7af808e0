"""Return slips: what a department gets back, and that a mended one is taken in again."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipelines.cli import cli
from pipelines.intake import slips
from pipelines.intake.contract import Contract
from pipelines.intake.ledger import Ledger, Submission
from pipelines.intake.reader import read_table
from pipelines.intake.receive import return_slip, take_in
from pipelines.intake.refusal import FAULTS, LETTER, ORIGINAL_ROW, REASON
from pipelines.intake.slips import slips_of
from pipelines.intake.status import status
from pipelines.policy import Pack
from pipelines.settings import Settings
from tests.intake.conftest import POST_HEADER, csv_bytes, id_of, post, posts, xlsx_bytes

Land = Callable[..., Path]
Take = Callable[..., list[Submission]]
Pages = dict[str, list[list[str]]]

ID = POST_HEADER.index("身份证号码")
PAY = POST_HEADER.index("月补贴（元）")


@pytest.fixture
def take(settings: Settings, pack: Pack, contracts: dict[str, Contract]) -> Take:
    return lambda: take_in(settings, pack, contracts, ["2020-03"])


@pytest.fixture
def returned(settings: Settings, land: Land, take: Take) -> Callable[..., Path]:
    """Land a file, take it in, and give the slip that it got."""

    def run(data: bytes, name: str = "公益性岗位.xlsx", at: str = "2020-04-08T02:00:00+00:00") -> Path:
        land(data, name, at=at)
        [submission] = take()
        path = slips_of(settings.slips, submission.period).get(submission.number)
        assert path is not None
        return path

    return run


def pages(path: Path) -> Pages:
    return {s.name: _grid(s.rows) for s in read_table(path.read_bytes(), path.name)}


def _grid(rows: Any) -> list[list[str]]:
    cells = [{int(k): v for k, v in row.items() if v} for row in rows.iter_rows(named=True)]
    return [[row.get(p, "") for p in range(max(row, default=-1) + 1)] for row in cells]


def text(page: Sequence[Sequence[str]]) -> str:
    return "\n".join("|".join(row) for row in page)


def coloured(path: Path, page: str) -> set[str]:
    """Addresses of the cells that are marked as bad."""
    import re
    import zipfile

    with zipfile.ZipFile(path) as parts:
        styles = parts.read("xl/styles.xml").decode()
        book = parts.read("xl/workbook.xml").decode()
        index = re.findall(r'<sheet name="([^"]+)"', book).index(page) + 1
        sheet = parts.read(f"xl/worksheets/sheet{index}.xml").decode()
    fills = re.findall(r"<fill>.*?</fill>", styles)
    red = next(i for i, fill in enumerate(fills) if "FFFFB3B3" in fill)
    looks = re.findall(r"<xf [^>]*>", styles[styles.index("<cellXfs") : styles.index("</cellXfs>")])
    marked = {str(i) for i, look in enumerate(looks) if f'fillId="{red}"' in look}
    return {a for a, s in re.findall(r'<c r="([A-Z]+\d+)" s="(\d+)"', sheet) if s in marked}


def mended(path: Path, cells: dict[tuple[int, int], str], page: str = "Sheet1") -> bytes:
    """The slip as a department saves it after typing into some cells (row and column from 0) of one page."""
    grids = pages(path)
    for (row, column), value in cells.items():
        grids[page][row][column] = value
    merged = {
        s.name: [(*first, *last, s.rows[first[0], str(first[1])]) for first, last in s.merged]
        for s in read_table(path.read_bytes(), path.name)
    }
    return xlsx_bytes(grids, merged)


def test_a_slip_shows_the_departments_own_rows_and_marks_the_bad_cells(returned: Callable[..., Path]) -> None:
    grid = [["2020年3月公益性岗位名册"], *posts(8, {"pay": "八百"}, {}, {"post": "巡山"})]
    path = returned(xlsx_bytes({"Sheet1": grid}))
    assert path.name == "1_县人力资源和社会保障局_公益性岗位在岗人员名册_退回单.xlsx" and path.parent.name == "2020-03"
    found = pages(path)
    assert list(found) == ["退回通知", "问题清单", "Sheet1"]
    assert [row[: len(POST_HEADER)] for row in found["Sheet1"]] == [[str(c) for c in row] for row in grid]
    assert {a for a in coloured(path, "Sheet1") if not a.startswith("H")} == {"G3", "E5"}
    assert (
        found["Sheet1"][1][7] == REASON
        and "不是数字" in found["Sheet1"][2][7]
        and "不在代码表中" in found["Sheet1"][4][7]
    )


def test_the_letter_says_who_what_how_many_and_by_when(
    returned: Callable[..., Path], pack: Pack, contracts: dict[str, Contract]
) -> None:
    said = text(pages(returned(xlsx_bytes({"Sheet1": posts(8, {"pay": "八百"}, {"post": "巡山"})})))["退回通知"])
    assert said.startswith(f"{LETTER}\n县人力资源和社会保障局：")
    clause = pack.clauses_needing("public_post")[0]
    for words in (
        "2020 年 3 月", "有 2 处需要改正", "已采用 7 行，退回 1 行", "共 9 行 = 采用 7 + 退回 1 + 略过 1（表头 1）",
        "请于 2020 年 4 月 15 日前改正后报回", "公益性岗位.xlsx", "2020 年 4 月 8 日 10:00（北京时间）", clause.quote, clause.doc_no,
    ):  # fmt: skip
        assert words in said


@pytest.mark.parametrize(("at", "late"), [("2020-04-15T15:59:59+00:00", False), ("2020-04-15T16:00:00+00:00", True)])
def test_after_the_deadline_the_letter_asks_for_it_soon(returned: Callable[..., Path], at: str, late: bool) -> None:
    path = returned(xlsx_bytes({"Sheet1": posts(8, {"pay": "八百"})}), at=at)
    assert ("已过，请尽快改正后报回" in text(pages(path)["退回通知"])) is late


def test_the_list_gives_each_fault_its_place_content_rule_and_remedy(returned: Callable[..., Path]) -> None:
    rows = pages(returned(xlsx_bytes({"Sheet1": posts(12, {"pay": "八百"}, {"id": ""}, {"post": "巡山"})})))["问题清单"]
    assert rows[0][0] == FAULTS and "请于 2020 年 4 月 15 日前" in rows[1][0] and "报送依据见“退回通知”" in rows[1][0]
    assert [row[1:6] for row in rows[3:]] == [
        ["该格不采用", "Sheet1", "G2", "月补贴（元）", "八百"],
        ["该行退回", "Sheet1", "D3", "身份证号码", "（空）"],
        ["该行退回", "Sheet1", "E4", "岗位类别", "巡山"],
    ]
    assert all(row[6] and row[7] for row in rows[3:])


def test_a_mended_slip_is_a_submission(
    settings: Settings, land: Land, take: Take, returned: Callable[..., Path]
) -> None:
    grid = [["2020年3月公益性岗位名册"], *posts(8, {"pay": "八百"}, {"id": id_of(1)[:17]}), ["合计", "", "8人"]]
    path = returned(xlsx_bytes({"Sheet1": grid}))
    again = mended(path, {(2, PAY): "800", (3, ID): id_of(1)})
    land(again, "公益性岗位_更正.xlsx", at="2020-04-10T02:00:00+00:00")
    [submission] = take()
    assert (submission.state, submission.revision, submission.rows_accepted, submission.rows_quarantined) == (
        "accepted",
        2,
        8,
        0,
    )
    assert submission.skipped["slip"] == len(pages(path)["退回通知"]) + len(pages(path)["问题清单"])
    with Ledger(settings.ledger) as ledger:
        assert ledger.findings(submission=2) == []
    assert slips_of(settings.slips, submission.period).get(submission.number) is None


def test_a_slip_that_is_not_quite_mended_comes_back_with_one_column_of_reasons(
    settings: Settings, land: Land, take: Take, returned: Callable[..., Path]
) -> None:
    path = returned(xlsx_bytes({"Sheet1": posts(8, {"pay": "八百"}, {"post": "巡山"})}))
    land(mended(path, {(1, PAY): "800"}), "再报.xlsx", at="2020-04-10T02:00:00+00:00")
    [submission] = take()
    second = slips_of(settings.slips, submission.period).get(submission.number)
    assert second is not None
    found = pages(second)
    assert list(found) == ["退回通知", "问题清单", "Sheet1"]
    assert found["Sheet1"][0] == [*POST_HEADER, REASON] and len(found["Sheet1"][1]) == len(POST_HEADER)
    assert "不在代码表中" in found["Sheet1"][2][-1]


def test_merged_headers_come_back_as_they_were_and_are_read_again(
    land: Land, take: Take, returned: Callable[..., Path]
) -> None:
    upper = ["安置点", "搬迁户", "", "入住日期", "后续帮扶", ""]
    lower = ["", "户编号", "户主姓名", "", "增收致富项目", "状态"]
    spans = [(0, 0, 1, 0, "安置点"), (0, 1, 0, 2, "搬迁户"), (0, 3, 1, 3, "入住日期"), (0, 4, 0, 5, "后续帮扶")]
    rows = [["曼回小组", f"53282200{i:04d}", f"测试{i}", "2019-05-01", "茶叶", "x" if i == 2 else ""] for i in range(8)]
    path = returned(xlsx_bytes({"台账": [upper, lower, *rows]}, {"台账": spans}), "易地扶贫搬迁.xlsx")
    [*_, sheet] = read_table(path.read_bytes(), path.name)
    assert set(sheet.merged) == {(span[:2], span[2:4]) for span in spans} | {((0, 6), (1, 6))}
    assert pages(path)["台账"][0] == ["安置点", "搬迁户", "", "入住日期", "后续帮扶", "", REASON]
    land(mended(path, {(4, 5): ""}, "台账"), "更正.xlsx", at="2020-04-10T02:00:00+00:00")
    [submission] = take()
    assert (submission.state, submission.reason, submission.rows_accepted) == ("accepted", "", 8)


def test_a_bad_cell_in_a_merged_range_is_marked_where_it_is_seen(returned: Callable[..., Path]) -> None:
    rows = [["乡镇", "行政村", "农户总数", "无害化卫生户厕"], ["勐混", "曼扫", 20, 10], ["", "曼国", 20, 10]]
    data = xlsx_bytes({"一": rows}, {"一": [(1, 0, 2, 0, "不存在镇")]})
    assert "A2" in coloured(returned(data, "农村人居环境.xlsx"), "一")


def test_a_file_refused_whole_says_why(returned: Callable[..., Path]) -> None:
    found = pages(returned(xlsx_bytes({"Sheet1": [row[:4] for row in posts(3)]})))
    assert "整件退回：缺少必填列“岗位类别”" in text(found["退回通知"])
    assert found["问题清单"][3][1] == "整件退回" and found["Sheet1"][0][-1] == REASON


@pytest.mark.parametrize(
    ("data", "name"), [(b"PK\x03\x04 cut", "公益性岗位.xlsx"), ("茶,园\n1,2\n".encode(), "茶叶.csv")]
)
def test_what_cannot_be_read_or_recognised_gets_a_letter_too(
    returned: Callable[..., Path], data: bytes, name: str
) -> None:
    found = pages(returned(data, name))
    assert "整件退回：" in text(found["退回通知"]) and found["问题清单"][3][1] == "整件退回"
    assert list(found)[2:] == ([] if data.startswith(b"PK") else ["茶叶"])


def test_texts_are_never_formulas_or_links(returned: Callable[..., Path]) -> None:
    import zipfile

    evil = ['=HYPERLINK("http://x")', "+1+1", "@SUM(A1)", "http://x/y"]
    rows = posts(8, *({"name": cell, "pay": "八百"} for cell in evil))
    path = returned(csv_bytes(rows), "=cmd|公益性岗位.csv")
    assert [row[2] for row in pages(path)["=cmd公益性岗位"][1:5]] == evil
    with zipfile.ZipFile(path) as parts:
        sheets = [parts.read(n).decode() for n in parts.namelist() if n.startswith("xl/worksheets/")]
    assert not any("<f>" in sheet for sheet in sheets)
    assert 'TargetMode="External"' not in "".join(sheets)


def test_a_long_file_comes_back_as_its_faulty_rows_and_may_not_be_sent_in(
    monkeypatch: pytest.MonkeyPatch, land: Land, take: Take, returned: Callable[..., Path]
) -> None:
    monkeypatch.setattr(slips, "WHOLE_ROWS", 10)
    path = returned(csv_bytes(posts(20, {}, {"pay": "八百"})), "公益性岗位.csv")
    found = pages(path)
    assert "整表重报" in text(found["退回通知"])
    page = found["公益性岗位"]
    assert [row[0] for row in page[1:]] == [ORIGINAL_ROW, "3"]
    assert page[2][1 : 1 + len(POST_HEADER)] == post(1, pay="八百")
    land(path.read_bytes(), "退回.xlsx", at="2020-04-10T02:00:00+00:00")
    [submission] = take()
    assert submission.state == "refused" and "只列了问题行" in submission.reason


def test_the_faulty_rows_alone_are_a_submission_where_keys_are_corrected(
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    land: Land,
    pack: Pack,
    contracts: dict[str, Contract],
) -> None:
    monkeypatch.setattr(slips, "WHOLE_ROWS", 10)
    by_key = contracts | {"public_post": contracts["public_post"].model_copy(update={"corrected_by": "key"})}
    land(csv_bytes(posts(20, {}, {"pay": "八百"})), "公益性岗位.csv")
    [first] = take_in(settings, pack, by_key, ["2020-03"])
    path = slips_of(settings.slips, "2020-03")[first.number]
    found = pages(path)
    assert "只报这些行" in text(found["退回通知"]) and "只报这些行" in found["公益性岗位"][0][0]
    mended = [[cell.replace("八百", "800") for cell in row] for row in found["公益性岗位"]]
    land(xlsx_bytes({"公益性岗位": mended}), "公益性岗位更正.xlsx", at="2020-04-10T02:00:00+00:00")
    [second] = take_in(settings, pack, by_key, ["2020-03"])
    assert (second.state, second.revision, second.rows_accepted, second.rows_quarantined) == ("accepted", 2, 1, 0)


def test_the_same_submission_gives_the_same_slip(
    settings: Settings, pack: Pack, contracts: dict[str, Contract], returned: Callable[..., Path]
) -> None:
    path = returned(xlsx_bytes({"Sheet1": posts(8, {"pay": "八百"})}))
    before = path.read_bytes()
    path.unlink()
    assert return_slip(settings, pack, contracts, 1) == path and path.read_bytes() == before


def test_no_slip_where_nothing_is_to_mend(
    settings: Settings, land: Land, take: Take, pack: Pack, contracts: dict[str, Contract]
) -> None:
    land(xlsx_bytes({"Sheet1": posts(8), "说明": [["本表由县人社局填报", "x"]]}), "公益性岗位.xlsx")
    [submission] = take()
    assert (
        slips_of(settings.slips, submission.period).get(submission.number) is None
        and return_slip(settings, pack, contracts, 1) is None
    )


def test_status_names_the_slip(
    settings: Settings, returned: Callable[..., Path], pack: Pack, contracts: dict[str, Contract]
) -> None:
    path = returned(xlsx_bytes({"Sheet1": posts(8, {"pay": "八百"})}))
    with Ledger(settings.ledger) as ledger:
        records = status(ledger, contracts, pack, "2020-03", slips_of(settings.slips, "2020-03"))
    assert [s["slip"] for r in records for s in r["submissions"]] == [str(path)]


def test_faults_of_stacked_tables_are_marked_under_their_own_header(returned: Callable[..., Path]) -> None:
    turned = [list(reversed(row)) for row in posts(16, *[{}] * 8, {"pay": "八百"})]
    path = returned(xlsx_bytes({"Sheet1": [*posts(8), [], ["第二批"], turned[0], *turned[9:]]}))
    assert [row[3] for row in pages(path)["问题清单"][3:]] == ["A13"]
    assert "A13" in coloured(path, "Sheet1") and "A13" in str(pages(path)["问题清单"])


def test_the_command_says_where_the_slip_lies(
    settings: Settings, returned: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = returned(xlsx_bytes({"Sheet1": posts(8, {"pay": "八百"})}))
    monkeypatch.setenv("FANGPIN_HOME", str(settings.home))
    run = CliRunner().invoke
    shown = run(cli, ["slip", "1"]).output
    assert shown.rstrip().endswith(str(path)) and "八百" in shown
    said = json.loads(run(cli, ["slip", "1", "--json"]).output)
    assert (said["submission"], said["slip"]) == (1, str(path))
    assert [(f["row"], f["found"]) for f in said["findings"]] == [(2, "八百")]
    assert run(cli, ["slip", "9"]).exit_code == 2
    assert json.loads(run(cli, ["status", "--month", "2020-03", "--json"]).output)[0]["state"]
    assert str(path) in run(cli, ["status", "--month", "2020-03"]).output


def test_cells_merged_beyond_the_table_leave_room_for_the_reasons(returned: Callable[..., Path]) -> None:
    grid = [["名册", *[""] * 8, "附表一"], *posts(8, {"pay": "八百"})]
    spans = [(0, 0, 0, 7, "名册"), (9, 6, 9, 7, "800")]
    path = returned(xlsx_bytes({"名册": grid, "History": [["x"]]}, {"名册": spans}))
    found = pages(path)
    assert list(found)[2:] == ["名册", "History(2)"]
    reason = [(r, c) for r, row in enumerate(found["名册"]) for c, cell in enumerate(row) if REASON in cell]
    assert reason == [(1, 8)]


def test_only_its_owner_can_read_a_slip(returned: Callable[..., Path]) -> None:
    assert returned(xlsx_bytes({"Sheet1": posts(8, {"pay": "八百"})})).stat().st_mode & 0o077 == 0


def test_a_slip_of_a_sheet_without_header_can_be_mended_too(
    settings: Settings, land: Land, pack: Pack, contracts: dict[str, Contract]
) -> None:
    """No header says whose the column of reasons is, so every reason says it."""
    places = (
        "township_code",
        "village_code",
        "person_name",
        "person_id",
        "post_type",
        "start_date",
        "monthly_pay_yuan",
    )
    using = contracts | {"public_post": contracts["public_post"].model_copy(update={"positions": places})}
    land(xlsx_bytes({"Sheet1": posts(8, {"pay": "八百"})[1:]}), "公益性岗位.xlsx")
    [first] = take_in(settings, pack, using, ["2020-03"])
    path = slips_of(settings.slips, "2020-03")[first.number]
    assert pages(path)["Sheet1"][0][7].startswith(f"{REASON}：月补贴：不是数字") and "G1" in coloured(path, "Sheet1")
    land(mended(path, {(0, PAY): "800"}), "公益性岗位_更正.xlsx", at="2020-04-10T02:00:00+00:00")
    [again] = take_in(settings, pack, using, ["2020-03"])
    assert (again.state, again.rows_accepted, again.rows_quarantined) == ("accepted", 8, 0)
    with Ledger(settings.ledger) as ledger:
        assert {f.rule for f in ledger.findings(submission=again.number)} == {"headerless"}


def test_a_table_of_something_else_is_left_as_it_is_so_that_the_mended_slip_still_splits_it_off(
    returned: Callable[..., Path],
) -> None:
    other = [[], ["附：联系人名单"], ["科室", "联系人", "办公地点"], ["一股", "张三", "二楼"], ["二股", "李四", "三楼"]]
    grid = [*posts(8, {"pay": "八百"}), *other]
    path = returned(xlsx_bytes({"Sheet1": grid}))
    found = pages(path)
    assert "另一张表" in str(found["问题清单"])
    assert [cell for row in found["Sheet1"][-len(other) :] for cell in row[7:]] == []
