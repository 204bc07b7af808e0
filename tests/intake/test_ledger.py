"""The ledger remembers what came, what was found, and who waived what; addresses and the month's status come from it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import cli
from pipelines.findings import Finding
from pipelines.intake import address
from pipelines.intake.contract import Contract
from pipelines.intake.ledger import Ledger, Submission, Waiver
from pipelines.intake.status import status
from pipelines.policy import Pack
from pipelines.settings import Settings

SENT = Submission(
    1, "public_post", "human_resources", "2020-03", "532822", 1, "a.csv", "ab" * 32, ".csv", 10, "2020-04-08T02:00:00+00:00",
    "accepted", "", 4, 2, 1, 1, {"header": 1}, ["a"], {"1": [[0, "乡镇", "township_code", False]]}, "cd" * 32,
)  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite")


def test_what_is_entered_comes_back(ledger: Ledger) -> None:
    finding = Finding("intake", "r", "m", "warning", "d", submission=1, period="2020-03", row=3, indicators=("a", "b"))
    ledger.record(SENT, [finding])
    assert ledger.submission(1) == SENT
    assert ledger.submissions(period="2020-03", extract="public_post", state="accepted", sha256="ab" * 32) == [SENT]
    assert ledger.submissions(state="refused") == []
    assert ledger.findings(period="2020-03", submission=1) == [finding]
    assert (
        ledger.next_number(),
        ledger.next_revision("public_post", "2020-03", "532822"),
        ledger.next_revision(None, "2020-03", "532822"),
    ) == (2, 2, 1)
    with pytest.raises(KeyError):
        ledger.submission(2)


def test_rows_that_do_not_add_up_are_not_entered(ledger: Ledger) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        ledger.record(replace(SENT, rows_skipped=0), [])


def test_a_failure_while_writing_leaves_nothing(ledger: Ledger) -> None:
    with pytest.raises(KeyError), ledger.writing():
        ledger.record(SENT, []) or ledger.submission(2)
    assert ledger.submissions() == []


def test_waivers(ledger: Ledger) -> None:
    waiver = Waiver("r", None, "2020-03", "已核实", "值班员", "2020-04-20T00:00:00+00:00")
    ledger.waive(waiver)
    assert ledger.waivers("2020-03") == [waiver] and ledger.waivers("2020-04") == []


def test_addresses() -> None:
    assert address.pack(12, 3, 45) == 1200300000045
    assert address.unpack(1200300000045) == (12, 3, 45)
    assert address.unpack(address.pack(91_999_999, 999, 99_999_999)) == (91_999_999, 999, 99_999_999)
    for submission, sheet, row in ((0, 1, 1), (1, 1000, 1), (1, 0, 1), (1, 1, 0), (1, 1, 10**8), (92_000_000, 1, 1)):
        with pytest.raises(ValueError):
            address.pack(submission, sheet, row)


def state(ledger: Ledger, contracts: dict[str, Contract], pack: Pack, extract: str | None = "public_post") -> str:
    return next(str(r["state"]) for r in status(ledger, contracts, pack, "2020-03") if r["extract"] == extract)


@pytest.mark.parametrize(
    ("received_at", "expected"), [("2020-04-15T15:59:59+00:00", "on_time"), ("2020-04-15T16:00:00+00:00", "late")]
)
def test_late_is_after_the_deadlines_day_in_china(
    ledger: Ledger, contracts: dict[str, Contract], pack: Pack, received_at: str, expected: str
) -> None:
    ledger.record(replace(SENT, received_at=received_at), [])
    assert state(ledger, contracts, pack) == expected


def test_a_correction_after_the_deadline_is_not_late(
    ledger: Ledger, contracts: dict[str, Contract], pack: Pack
) -> None:
    ledger.record(SENT, [])
    ledger.record(replace(SENT, number=2, revision=2, received_at="2020-06-01T00:00:00+00:00"), [])
    assert state(ledger, contracts, pack) == "on_time"


def test_missing_and_refused(ledger: Ledger, contracts: dict[str, Contract], pack: Pack) -> None:
    assert state(ledger, contracts, pack) == "missing"
    ledger.record(replace(SENT, state="refused", reason="x", rows_accepted=0, rows_quarantined=3), [])
    assert state(ledger, contracts, pack) == "refused"
    ledger.record(replace(SENT, number=2, revision=2), [])
    assert state(ledger, contracts, pack) == "on_time"


def test_only_received_occasional_and_unrecognised_files_are_listed(
    ledger: Ledger, contracts: dict[str, Contract], pack: Pack
) -> None:
    owed = {e for e, c in contracts.items() if c.owed("2020-03")}
    assert {r["extract"] for r in status(ledger, contracts, pack, "2020-03")} == owed
    ledger.record(replace(SENT, extract="cause_table", department="poverty_office"), [])
    ledger.record(replace(SENT, number=2, extract=None, department="unrecognised", state="refused"), [])
    assert {r["extract"] for r in status(ledger, contracts, pack, "2020-03")} == owed | {"cause_table", None}
    assert (
        state(ledger, contracts, pack, "cause_table") == "on_time" and state(ledger, contracts, pack, None) == "refused"
    )


def test_a_month_that_an_extract_does_not_report_does_not_owe_it(
    ledger: Ledger, contracts: dict[str, Contract], pack: Pack
) -> None:
    yearly = contracts | {"public_post": contracts["public_post"].model_copy(update={"months": (12,)})}
    assert "public_post" not in {r["extract"] for r in status(ledger, yearly, pack, "2020-11")}
    assert "public_post" in {r["extract"] for r in status(ledger, yearly, pack, "2020-12")}


def test_each_township_owes_its_own_file_and_one_for_the_county_covers_all(
    ledger: Ledger, contracts: dict[str, Contract], pack: Pack
) -> None:
    by_township = contracts | {"public_post": contracts["public_post"].model_copy(update={"covers": "township"})}
    townships = [a.code for a in pack.areas if a.level == "township"]

    def states() -> dict[str, str]:
        found = [r for r in status(ledger, by_township, pack, "2020-03") if r["extract"] == "public_post"]
        return {r["area"]: r["state"] for r in found}

    assert states() == dict.fromkeys(townships, "missing")
    ledger.record(replace(SENT, area=townships[0]), [])
    assert states() == dict.fromkeys(townships, "missing") | {townships[0]: "on_time"}
    refused = replace(SENT, number=2, state="refused", reason="x", rows_accepted=0, rows_quarantined=3)
    ledger.record(refused, [])
    assert states() == dict.fromkeys(townships, "missing") | {townships[0]: "on_time", pack.area: "refused"}
    ledger.record(replace(SENT, number=3, revision=2, received_at="2020-06-01T00:00:00+00:00"), [])
    assert states() == dict.fromkeys(townships, "late") | {townships[0]: "on_time", pack.area: "late"}
    found = [r for r in status(ledger, by_township, pack, "2020-03") if r["extract"] == "public_post"]
    record = next(r for r in found if r["area"] == townships[1])
    assert record["covered_by"] == [3] and record["submissions"] == []


def test_the_shape_of_a_status(ledger: Ledger, contracts: dict[str, Contract], pack: Pack) -> None:
    ledger.record(SENT, [Finding("intake", "r", "m", "warning", "d", submission=1, period="2020-03")])
    record = next(r for r in status(ledger, contracts, pack, "2020-03") if r["extract"] == "public_post")
    assert record["deadline"] == "2020-04-15" and record["department"] == "human_resources"
    assert record["submissions"] == [
        {
            "submission": 1, "file": "a.csv", "sha256": "ab" * 32, "revision": 1, "received_at": "2020-04-08T02:00:00+00:00",
            "state": "accepted", "reason": "", "rows": {"sheet": 4, "accepted": 2, "quarantined": 1, "skipped": 1},
            "skipped": {"header": 1}, "findings": 1, "slip": None,
        }
    ]  # fmt: skip


def test_the_screen_begins_with_trouble_and_ends_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Pack
) -> None:
    monkeypatch.setenv("FANGPIN_HOME", str(tmp_path))
    with Ledger(Settings.load().ledger) as ledger:
        ledger.record(SENT, [])
        ledger.record(replace(SENT, number=2, extract="housing", department="housing_construction"), [])
        refused = {"state": "refused", "reason": "缺少必填列", "rows_accepted": 0, "rows_quarantined": 3}
        ledger.record(replace(SENT, number=3, revision=2, file="b.csv", **refused), [])
    said = CliRunner().invoke(cli, ["status", "--month", "2020-03"]).output
    human, building = (said.index(pack.department_name(d)) for d in ("human_resources", "housing_construction"))
    assert human < building
    assert "合计 12 行 = 采用 4 + 退回 5 + 略过 3（表头 3）" in said
    assert "收到 3 个文件，整件退回 1 个" in said
    to_do = said[said.index("催报：") :]
    assert "3  b.csv：整件退回\n      原因：缺少必填列" in to_do
    assert f"{pack.department_name('education')}《控辍保学动态台账》，期限 2020-04-15" in to_do
    assert "1  a.csv" not in to_do
