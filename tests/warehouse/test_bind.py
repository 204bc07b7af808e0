"""Which submissions a build sees, and which rows of each: by area, and by key."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.indicators import load_catalogue
from pipelines.intake.contract import Contract, load_contracts
from pipelines.intake.receive import take_in
from pipelines.policy import Pack, load_pack
from pipelines.settings import Settings
from pipelines.warehouse import prepare
from tests.intake.conftest import POST_HEADER, csv_bytes, post

COUNTY, MENGHAI, DALUO = "532822", "532822101", "532822102"
MONTH, LATER = "2020-03", "2021-01-01T00:00:00+00:00"
HERE = {"township": "勐海镇", "village": "曼真村委会"}
THERE = {"township": "打洛镇", "village": "打洛村委会"}
Pay = dict[int, int]


class Office:
    """Files of public_post as they come in, one a day, and what a build sees of them."""

    def __init__(self, home: Path, **changed: Any) -> None:
        self.settings = Settings(home=home)
        self.pack: Pack = load_pack(self.settings.policy_dir)
        self.contracts: dict[str, Contract] = load_contracts()
        self.contracts["public_post"] = self.contracts["public_post"].model_copy(update=changed)
        self.days = 0
        self.made: tuple[str, str, int] | None = None

    def receive(self, name: str, *rows: tuple[int, dict[str, Any]], month: str = MONTH, day: int = 0) -> int:
        """A file with person ``i`` as given in each row; the number of its submission."""
        self.days += 1
        path = self.settings.landing / month / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(csv_bytes([POST_HEADER, *(post(i, **given) for i, given in rows)]))
        stamp = datetime.fromisoformat(f"2020-04-{day or self.days:02d}T00:00:00+00:00").timestamp()
        os.utime(path, (stamp, stamp))
        [submission] = take_in(self.settings, self.pack, self.contracts, [month])
        assert submission.state == "accepted", submission.reason
        return submission.number

    @contextmanager
    def built(self, month: str = MONTH, as_of: str = LATER) -> Iterator[duckdb.DuckDBPyConnection]:
        if (this := (month, as_of, self.days)) != self.made:
            prepare(self.settings, self.pack, self.contracts, load_catalogue(), [month], as_of)
            self.made = this
        with duckdb.connect(str(self.settings.candidate)) as con:
            yield con

    def counted(self, month: str = MONTH, as_of: str = LATER) -> Pay:
        """Last digits of the posts' pay → the submission whose row counts, of the rows in effect in a month."""
        with self.built(month, as_of) as con:
            rows = con.execute(
                "select r.monthly_pay_yuan::integer, r._submission from raw.public_post as r join build.in_effect as e"
                " on e.extract = 'public_post' and e.submission = r._submission and e.area is not distinct from r._area"
                f" where e.period = '{month}' order by all"
            ).fetchall()
        assert len({pay for pay, _ in rows}) == len(rows), "a row counts twice"
        return dict(rows)

    def asked(self, query: str, month: str = MONTH, as_of: str = LATER) -> Sequence[tuple[Any, ...]]:
        with self.built(month, as_of) as con:
            return con.execute(query).fetchall()


@pytest.fixture
def office(tmp_path: Path) -> Callable[..., Office]:
    return lambda **changed: Office(tmp_path / "home", **changed)


def paid(i: int, pay: int, **more: Any) -> tuple[int, dict[str, Any]]:
    return i, {"pay": str(pay)} | more


COVERED = "select distinct a.parent, c.submission from build.coverage as c join policy.area as a on a.code = c.village_code where c.extract = 'public_post' and c.period = '2020-03' order by all"


def test_townships_speak_for_themselves_and_nobody_for_the_others(office: Callable[..., Office]) -> None:
    posts = office(covers="township")
    first = posts.receive("勐海镇.csv", paid(1, 801, **HERE))
    second = posts.receive("打洛镇.csv", paid(2, 802, **THERE))
    assert posts.counted() == {801: first, 802: second}
    assert posts.asked(COVERED) == [(MENGHAI, first), (DALUO, second)]


def test_the_last_file_to_speak_for_a_village_counts_there(office: Callable[..., Office]) -> None:
    posts = office(covers="township")
    county = posts.receive("全县.csv", paid(1, 801, **HERE), paid(2, 802, **THERE))
    assert posts.counted() == {801: county, 802: county}
    township = posts.receive("打洛镇.csv", paid(3, 803, **THERE))
    assert posts.counted() == {801: county, 803: township}
    assert (DALUO, township) in posts.asked(COVERED) and (MENGHAI, county) in posts.asked(COVERED)
    again = posts.receive("全县更正.csv", paid(4, 804, **HERE), paid(5, 805, **THERE))
    assert posts.counted() == {804: again, 805: again}
    assert posts.asked("select submission from build.binding") == [(again,)]
    assert posts.counted(as_of="2020-04-02T00:00:00+00:00") == {801: county, 803: township}


def test_receipt_decides_not_the_order_of_reading(office: Callable[..., Office]) -> None:
    posts = office(covers="township")
    late = posts.receive("打洛镇.csv", paid(3, 803, **THERE), day=9)
    posts.receive("全县.csv", paid(1, 801, **HERE), paid(2, 802, **THERE), day=2)
    assert posts.counted()[803] == late and 802 not in posts.counted()


def test_a_township_that_sent_nothing_this_month_keeps_what_it_said_while_that_is_known(
    office: Callable[..., Office],
) -> None:
    posts = office(covers="township", stays_known_months=2)
    before = posts.receive("全县.csv", paid(1, 801, **HERE), paid(2, 802, **THERE), month="2020-02")
    now = posts.receive("打洛镇.csv", paid(3, 803, **THERE))
    assert posts.counted() == {801: before, 803: now}
    assert posts.counted("2020-02") == {801: before, 802: before}


def test_rows_of_a_key_replace_those_of_earlier_files_and_the_others_stay(office: Callable[..., Office]) -> None:
    posts = office(corrected_by="key")
    first = posts.receive("一.csv", paid(1, 801), paid(2, 802), paid(3, 803))
    second = posts.receive("二.csv", paid(2, 902), paid(4, 904))
    assert posts.counted() == {801: first, 902: second, 803: first, 904: second}
    assert posts.asked("select submission, revision from build.binding order by 1") == [(first, 1), (second, 2)]
    assert posts.asked("select submission, source % 1000 from build.superseded") == [(first, 3)]
    third = posts.receive("三.csv", paid(2, 702))
    assert posts.counted() == {801: first, 702: third, 803: first, 904: second}
    assert posts.counted(as_of="2020-04-01T00:00:00+00:00") == {801: first, 802: first, 803: first}


def test_a_file_corrected_as_a_whole_keeps_nothing_of_the_earlier_one(office: Callable[..., Office]) -> None:
    posts = office(corrected_by="whole")
    posts.receive("一.csv", paid(1, 801), paid(2, 802))
    second = posts.receive("二.csv", paid(2, 902))
    assert posts.counted() == {902: second}
    assert posts.asked("select submission from build.binding") == [(second,)]


@pytest.mark.parametrize("corrected_by", ["key", "whole"])
def test_a_column_that_the_contract_gained_is_unknown_in_older_files(
    office: Callable[..., Office], corrected_by: str
) -> None:
    posts = office(corrected_by=corrected_by)
    posts.receive("一.csv", (1, HERE), month="2020-02")
    contract = posts.contracts["public_post"]
    gained = contract.columns[-1].model_copy(update={"name": "hours", "headers": ("工时",), "required": False})
    posts.contracts["public_post"] = contract.model_copy(update={"columns": (*contract.columns, gained)})
    posts.receive("二.csv", (1, HERE), (2, HERE))
    posts.receive("三.csv", (2, HERE))
    with posts.built() as con:
        found = con.execute("select _period, hours, monthly_pay_yuan from raw.public_post order by all").fetchall()
    months = ["2020-02", MONTH, MONTH] if corrected_by == "key" else ["2020-02", MONTH]
    assert [(month, None) for month in months] == [(month, hours) for month, hours, _ in found]
    assert all(pay is not None for _, _, pay in found)


def test_keys_are_compared_within_a_month(office: Callable[..., Office]) -> None:
    posts = office(corrected_by="key")
    before = posts.receive("一.csv", paid(1, 801), month="2020-02")
    now = posts.receive("二.csv", paid(1, 901))
    assert posts.counted("2020-02") == {801: before}
    assert posts.counted() == {901: now}


def test_a_refused_row_is_settled_by_a_later_one_of_its_key(office: Callable[..., Office]) -> None:
    refused = "select submission, source % 1000 from build.quarantine order by all"
    posts = office(corrected_by="key", max_refused_share=1.0)
    first = posts.receive(
        "一.csv", paid(1, 801, village="无此村"), paid(2, 802, village="无此村"), paid(3, 803, id="1")
    )
    assert posts.asked(refused) == [(first, 2), (first, 3), (first, 4)]
    second = posts.receive("二.csv", paid(1, 901), paid(2, 902, village="无此村"))
    assert posts.asked(refused) == [(first, 4), (second, 3)], "a row without a readable key stays open"
    assert posts.counted() == {901: second}


def test_a_refused_correction_leaves_the_row_as_it_was_and_stays_open(office: Callable[..., Office]) -> None:
    posts = office(corrected_by="key", max_refused_share=1.0)
    first = posts.receive("一.csv", paid(1, 801), paid(2, 802))
    second = posts.receive("二.csv", paid(1, 901, village="无此村"))
    assert posts.counted() == {801: first, 802: first}
    assert posts.asked("select submission from build.quarantine") == [(second,)]


def test_township_files_are_corrected_by_key_too(office: Callable[..., Office]) -> None:
    posts = office(covers="township", corrected_by="key")
    county = posts.receive("全县.csv", paid(1, 801, **HERE), paid(2, 802, **THERE), paid(3, 803, **THERE))
    township = posts.receive("打洛镇.csv", paid(2, 902, **THERE))
    assert posts.counted() == {801: county, 902: township, 803: county}


def test_a_refused_row_of_a_township_counts_while_its_file_has_the_last_word_there(
    office: Callable[..., Office],
) -> None:
    posts = office(covers="township", max_refused_share=0.6)
    in_effect = (
        "select q.submission from build.quarantine as q join build.in_effect as e on e.extract = q.extract"
        " and e.submission = q.submission and e.area is not distinct from q.area where e.period = '2020-03'"
    )
    county = posts.receive("全县.csv", paid(1, 801, **HERE), paid(2, 802, **THERE, post="无此岗位"))
    assert posts.asked(in_effect) == [(county,)]
    posts.receive("打洛镇.csv", paid(2, 902, **THERE))
    assert posts.asked(in_effect) == []
