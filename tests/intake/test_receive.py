"""Files on their way from the landing folder to archive, raw rows and ledger."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.intake import address
from pipelines.intake.contract import Contract, ContractError
from pipelines.intake.ledger import Ledger, Submission
from pipelines.intake.reader import cells_at
from pipelines.intake.receive import archived, raw_file, take_in
from pipelines.policy import Pack
from pipelines.settings import Settings
from tests.intake.conftest import POST_HEADER, csv_bytes, id_of, posts, xlsx_bytes

Land = Callable[..., Path]
Take = Callable[..., list[Submission]]


@pytest.fixture
def take(settings: Settings, pack: Pack, contracts: dict[str, Contract]) -> Take:
    def run(
        *months: str, departments: set[str] | None = None, using: dict[str, Contract] | None = None
    ) -> list[Submission]:
        return take_in(settings, pack, using or contracts, months or ["2020-03"], departments)

    return run


def test_a_file_is_archived_numbered_and_written(settings: Settings, land: Land, take: Take) -> None:
    data = csv_bytes(posts(5, {"village": "x"}, {"pay": "y"}), "gb18030")
    land(data, "公益性岗位.CSV")
    [submission] = take()
    assert (submission.number, submission.extract, submission.department, submission.revision) == (
        1,
        "public_post",
        "human_resources",
        1,
    )
    assert (submission.state, submission.reason, submission.area) == ("accepted", "", "532822")
    assert submission.received_at == "2020-04-08T02:00:00+00:00"
    assert (submission.rows_sheet, submission.rows_accepted, submission.rows_quarantined, submission.rows_skipped) == (
        6,
        4,
        1,
        1,
    )
    assert submission.sha256 == hashlib.sha256(data).hexdigest()
    assert archived(settings, submission) == data and submission.suffix == ".csv"
    with Ledger(settings.ledger) as ledger:
        assert ledger.submissions() == [submission]
        assert {(f.rule, f.submission, f.department, f.period) for f in ledger.findings(submission=1)} == {
            ("unknown_village", 1, "human_resources", "2020-03"), ("not_a_number", 1, "human_resources", "2020-03"),
        }  # fmt: skip


def test_raw_rows_have_the_contracts_types_and_their_address(
    settings: Settings, land: Land, take: Take, contracts: dict[str, Contract]
) -> None:
    land(csv_bytes(posts(3, {"pay": "y"})), "a.csv")
    [submission] = take()
    with duckdb.connect() as con:
        kinds = dict(
            row[:2]
            for row in con.execute(
                "describe select * from read_parquet(?)", [str(raw_file(settings, submission))]
            ).fetchall()
        )
    for name, kind in contracts["public_post"].schema():
        assert kinds[name] == kind
        assert (f"{name}__text" in kinds) is not contracts["public_post"].column(name).personal
    assert {k: v for k, v in kinds.items() if k.startswith("_")} == {
        "_submission": "INTEGER", "_sheet": "INTEGER", "_row": "INTEGER", "_source": "BIGINT", "_period": "VARCHAR", "_quarantined": "VARCHAR[]",
    }  # fmt: skip
    rows = pl.read_parquet(raw_file(settings, submission))
    assert rows["_source"].to_list() == [100100000002, 100100000003, 100100000004]
    assert rows["_quarantined"].to_list() == [["monthly_pay_yuan"], [], []]
    _, sheet, row = address.unpack(rows["_source"][1])
    assert cells_at(archived(settings, submission), "a.csv", [(sheet, row)])[sheet, row][3] == id_of(1)


def test_quarantined_rows_keep_who_they_are_about(settings: Settings, land: Land, take: Take) -> None:
    land(csv_bytes(posts(6, {"post": "x"})), "a.csv")
    [submission] = take()
    rows = pl.read_parquet(raw_file(settings, submission, quarantine=True))
    assert {
        "_source",
        "_submission",
        "_sheet",
        "_row",
        "_period",
        "hh_id",
        "person_id",
        "person_name",
        "village_code",
        "_area",
        "_key",
        "reasons",
    } == set(rows.columns)
    [row] = rows.rows(named=True)
    assert (row["_source"], row["hh_id"], row["village_code"]) == (100100000002, None, "532822101204")
    assert row["person_id"].startswith("P")


def test_no_personal_data_in_what_is_written(settings: Settings, land: Land, take: Take) -> None:
    land(csv_bytes(posts(4, {"name": "测试甲", "post": "x"})), "a.csv")
    land(csv_bytes(posts(4)[1:]), "公益岗位.csv", at="2020-04-09T00:00:00+00:00")
    take()
    written = [p.read_bytes() for folder in (settings.raw, settings.ledger.parent) for p in folder.glob("**/*.parquet")]
    written.append(settings.ledger.read_bytes())
    with Ledger(settings.ledger) as ledger:
        written.append(str(ledger.findings()).encode() + str(ledger.submissions()).encode())
    assert not any(secret.encode() in part for part in written for secret in (id_of(0), id_of(1), "测试甲", "测试1"))


def test_the_same_bytes_again_add_nothing(land: Land, take: Take) -> None:
    land(csv_bytes(posts(2)), "a.csv")
    land(csv_bytes(posts(2)), "a 副本.csv", at="2020-04-09T00:00:00+00:00")
    assert [s.file for s in take()] == ["a.csv"]
    assert take() == []


def test_the_same_bytes_for_another_month_are_another_submission(land: Land, take: Take) -> None:
    land(csv_bytes(posts(2)), "a.csv", period="2020-03")
    land(csv_bytes(posts(2)), "a.csv", period="2020-04", at="2020-05-09T00:00:00+00:00")
    assert [(s.period, s.revision) for s in take("2020-03", "2020-04")] == [("2020-03", 1), ("2020-04", 1)]


def test_numbers_and_revisions_follow_receipt_refused_ones_counted(land: Land, take: Take) -> None:
    land(csv_bytes(posts(3)), "z.csv", at="2020-04-01T00:00:00+00:00")
    land(csv_bytes([POST_HEADER[:3], *posts(2)[1:]]), "公益岗位.csv", at="2020-04-02T00:00:00+00:00")
    land(csv_bytes(posts(4)), "a.csv", at="2020-04-03T00:00:00+00:00")
    assert [(s.number, s.file, s.revision, s.state) for s in take()] == [
        (1, "z.csv", 1, "accepted"), (2, "公益岗位.csv", 2, "refused"), (3, "a.csv", 3, "accepted"),
    ]  # fmt: skip


def test_a_bad_file_does_not_stop_the_others(settings: Settings, land: Land, take: Take) -> None:
    land(b"PK\x03\x04 cut", "住房安全情况.xlsx")
    land(b"", "空.csv")
    land("茶,园\n1,2\n".encode(), "茶叶.csv")
    land(csv_bytes(posts(2)), "好.csv")
    taken = {s.file: s for s in take()}
    assert {f: (s.extract, s.department, s.state) for f, s in taken.items()} == {
        "住房安全情况.xlsx": ("housing", "housing_construction", "refused"),
        "空.csv": (None, "unrecognised", "refused"),
        "茶叶.csv": (None, "unrecognised", "refused"),
        "好.csv": ("public_post", "human_resources", "accepted"),
    }
    assert not raw_file(settings, taken["住房安全情况.xlsx"]).exists()
    with Ledger(settings.ledger) as ledger:
        assert {f.file: f.rule for f in ledger.findings() if f.severity == "error"} == {
            "住房安全情况.xlsx": "unreadable_file", "空.csv": "empty_file", "茶叶.csv": "unrecognised_file",
        }  # fmt: skip


def test_hidden_and_temporary_files_are_passed_over(land: Land, take: Take) -> None:
    land(csv_bytes(posts(2)), "~$公益性岗位.xlsx")
    land(csv_bytes(posts(2)), ".公益性岗位.csv")
    assert take() == []


def test_departments_can_be_taken_one_by_one(land: Land, take: Take) -> None:
    land(csv_bytes(posts(2)), "a.csv")
    land("茶,园\n1,2\n".encode(), "茶叶.csv")
    assert take(departments={"poverty_office"}) == []
    assert [s.file for s in take(departments={"human_resources"})] == ["a.csv"]
    assert [s.file for s in take(departments={"unrecognised"})] == ["茶叶.csv"]


def test_a_file_refused_under_another_contract_is_tried_again(
    land: Land, take: Take, contracts: dict[str, Contract]
) -> None:
    land(csv_bytes(posts(2, header=[*POST_HEADER[:4], "岗位", *POST_HEADER[5:]])), "公益性岗位.csv")
    assert [s.state for s in take()] == ["refused"]
    contract = contracts["public_post"]
    columns = tuple(
        c.model_copy(update={"headers": (*c.headers, "岗位")}) if c.name == "post_type" else c for c in contract.columns
    )
    mended = contracts | {"public_post": contract.model_copy(update={"columns": columns})}
    assert [(s.state, s.revision) for s in take(using=mended)] == [("accepted", 2)]
    assert take(using=mended) == []


def test_the_same_file_gives_the_same_bytes(
    settings: Settings, land: Land, take: Take, tmp_path: Path, pack: Pack, contracts: dict[str, Contract]
) -> None:
    path = land(xlsx_bytes({"一": posts(50), "二": posts(3)}), "a.xlsx")
    [first] = take()
    other = Settings(home=tmp_path / "other")
    (other.landing / "2020-03").mkdir(parents=True)
    path.rename(other.landing / "2020-03" / path.name)
    [again] = take_in(other, pack, contracts, ["2020-03"])
    assert first == again
    for quarantine in (False, True):
        assert (
            raw_file(settings, first, quarantine=quarantine).read_bytes()
            == raw_file(other, again, quarantine=quarantine).read_bytes()
        )


def test_a_contract_that_the_pack_does_not_know_stops_before_any_file(
    land: Land, take: Take, contracts: dict[str, Contract]
) -> None:
    land(csv_bytes(posts(2)), "a.csv")
    with pytest.raises(ContractError):
        take(using=contracts | {"public_post": contracts["public_post"].model_copy(update={"department": "nobody"})})


def test_a_file_with_two_extracts_is_two_submissions(settings: Settings, land: Land, take: Take) -> None:
    """One archived file, each extract with its own number, rows and accounting; sent again it adds nothing."""
    moved = [
        ["安置点", "户编号", "户主姓名", "入住日期"],
        *(["曼回小组", f"53282200{i:04d}", f"测试{i}", "2019-05-01"] for i in range(2)),
    ]
    path = land(xlsx_bytes({"岗位": posts(3), "搬迁": moved}), "2020年3月报表.xlsx")
    taken = take()
    assert {(s.extract, s.state, s.rows_accepted, s.rows_skipped, s.rows_sheet) for s in taken} == {
        ("public_post", "accepted", 3, 4, 7), ("relocation", "accepted", 2, 5, 7),
    }  # fmt: skip
    assert {s.department for s in taken} == {"human_resources", "development_reform"}
    assert [archived(settings, s) for s in taken] == [path.read_bytes()] * 2
    assert all(s.skipped["other_table"] for s in taken) and take() == []
    first, second = (pl.read_parquet(raw_file(settings, s))["_source"].to_list() for s in taken)
    assert not set(first) & set(second)


def test_names_that_no_file_should_have(settings: Settings, land: Land, take: Take) -> None:
    """Names in another encoding, with endings as long as names can be, or that look like ways elsewhere are names like others."""
    folder = land(csv_bytes(posts(2)), "好.csv").parent
    gbk = os.fsencode(folder) + b"/" + "公益性岗位名册.csv".encode("gb18030")
    Path(os.fsdecode(gbk)).write_bytes(csv_bytes(posts(3, {"pay": "八百"})))
    (folder / f"公益性岗位.{'x' * 230}").write_bytes(csv_bytes(posts(4)))
    (folder / "公益性岗位..%2F..\\x.csv\n").write_bytes(csv_bytes(posts(5)))
    taken = {s.file: s for s in take()}
    assert {s.rows_accepted for s in taken.values()} == {2, 3, 4, 5}
    assert taken["公益性岗位名册.csv"].rows_accepted == 3
    assert all(archived(settings, s) and s.suffix in ("", ".csv") for s in taken.values())
    assert {p.suffix for p in settings.archive.glob("*/*")} <= {"", ".csv"}


def ledger_of(*numbers: int, **changed: str) -> bytes:
    """A training ledger with these entries, each of its own person; ``changed`` writes in the last of them."""
    header = {
        "no": "台账编号",
        "name": "姓名",
        "id": "身份证号",
        "course": "培训工种",
        "ended": "结业日期",
        "moved": "是否转移就业",
    }
    rows = [
        {"no": f"PX{n}", "name": f"测试{n}", "id": id_of(n), "course": "电工", "ended": "2020-03-10", "moved": "是"}
        for n in numbers
    ]
    rows[-1] |= changed
    return csv_bytes([list(header.values()), *(list(row.values()) for row in rows)])


@pytest.mark.parametrize(
    ("corrected", "gone"),
    [
        (ledger_of(3, 2, 1), None),
        (ledger_of(1, 2, 3, 4), None),
        (ledger_of(1, 2, 3, moved="也许"), None),  # refused rows are among the refused ones, not taken back
        (ledger_of(1, 3), "更正后少了 1 条记录，前一件（台账.csv）第 3 行不再计入"),
        (ledger_of(4, 2), "更正后少了 2 条记录，前一件（台账.csv）第 2、4 行不再计入"),
    ],
)
def test_a_correction_that_takes_entries_back_is_asked_for_the_reason(
    settings: Settings, land: Land, take: Take, corrected: bytes, gone: str | None
) -> None:
    land(ledger_of(1, 2, 3), "台账.csv")
    land(ledger_of(2), "台账.csv", period="2020-04", at="2020-05-08T02:00:00+00:00")
    land(corrected, "台账更正.csv", at="2020-04-09T02:00:00+00:00")
    assert [s.extract for s in take("2020-03", "2020-04")] == ["training_record"] * 3
    with Ledger(settings.ledger) as ledger:
        found = [f for f in ledger.findings() if f.rule == "rows_withdrawn"]
    assert [(f.message, f.submission, f.severity) for f in found] == ([(gone, 2, "warning")] if gone else [])
