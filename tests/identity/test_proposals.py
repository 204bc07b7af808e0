"""Proposals are scored, shown, and do nothing until a person says yes; a yes can be taken back, a no is not asked again."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest

from pipelines.identity import IdentityError, decide, entries, proposals, propose
from pipelines.release import list_releases
from pipelines.trace import trace
from tests.identity.conftest import HERE, MONTH, THERE, County, home, id_number, member
from tests.identity.test_lists import post

ASKED, YES, NO = "2021-01-01T00:00:00Z", "2021-02-01T00:00:00Z", "2021-03-01T00:00:00Z"
NAMES = ("甲一", "乙二", "丙三丙", "丁四", "戊五", "己六", "庚七", "辛八", "壬九", "癸十", "子丑", "寅卯")


@pytest.fixture
def asked(county: County) -> County:
    """Two villages of six persons; a post without an id in one of them, and one with an id that nobody has."""
    people = [member(f"H{n:03d}", n, name) for n, name in enumerate(NAMES, start=1)]
    homes = tuple(home(f"H{n:03d}", HERE if n <= 6 else THERE) for n in range(1, 13))
    county.registers(*people, homes=homes)
    county.send("public_post", post(4, "丁四"), post(None, "丙三丙"), post(703, "癸十", THERE))
    return county


def ask(county: County) -> list[dict[str, Any]]:
    fresh = propose(county.settings, county.release(), county.contracts, ASKED)
    return [p for p in proposals(county.settings, MONTH) if p["proposal"] in fresh]


def matched(county: County, as_of: str = "2021-06-01T00:00:00Z") -> Any:
    return county.release(as_of=as_of).figure("matched_rows", "532822", "extract=public_post")["value"]


def test_a_row_without_an_id_is_proposed_the_person_of_its_name_and_village(asked: County) -> None:
    found = {p["row"]: p for p in ask(asked)}
    assert found[3]["person"] == asked.person(id_number(3))
    assert found[3]["comparison"] == {"姓名": "相同", "村": "同村"}
    assert 0.5 <= found[3]["score"] < 1
    assert found[3]["register"]["row"] == 4
    assert found[3]["state"] == "proposed"


def test_scores_are_the_same_every_time(asked: County) -> None:
    first = ask(asked)
    with sqlite3.connect(asked.settings.ledger) as ledger:
        ledger.execute("delete from proposal")
    assert first and ask(asked) == first


def test_nothing_changes_before_the_yes_and_the_row_counts_after_it(asked: County) -> None:
    [first, *_] = ask(asked)
    before = asked.release()
    assert matched(asked) == 1
    assert len(list_releases(asked.settings)) == 1, "a proposal alone makes no new release"

    decide(asked.settings, first["proposal"], "accepted", "王审核", YES)
    after = asked.release()
    assert matched(asked) == 2
    assert [link["proposal"] for link in after.manifest["links"]] == [first["proposal"]]
    assert before.manifest["links"] == []
    changes = {c["indicator"]: c for c in after.changes()}
    assert [s["extract"] for s in changes["matched_rows"]["submissions"]] == ["public_post"]
    with asked.build(asked=["int_household_month"]) as con:
        posts = con.execute(
            "select posts__posts_n from main.int_household_month where subject = ?", [asked.household("H003")]
        ).fetchall()
    assert posts == [(1,)]
    assert [e["row"] for e in entries(after, "linked")] == [3]


def test_a_trace_says_who_accepted_the_link(asked: County) -> None:
    [first, *_] = ask(asked)
    decide(asked.settings, first["proposal"], "accepted", "王审核", YES)
    release = asked.release()
    found = trace(asked.settings, f"{release.name}/matched_rows/532822/extract=public_post")
    linked = {
        e["row"]: e["linked"] for c in found["contributions"] for e in c["evidence"] if e["extract"] == "public_post"
    }
    assert linked[2] is None
    assert linked[3]["accepted_by"] == "王审核"


def test_a_build_as_of_a_day_before_the_yes_does_not_know_it(asked: County) -> None:
    [first, *_] = ask(asked)
    decide(asked.settings, first["proposal"], "accepted", "王审核", YES)
    assert matched(asked, as_of=ASKED) == 1


def test_a_no_after_a_yes_takes_it_back(asked: County) -> None:
    [first, *_] = ask(asked)
    decide(asked.settings, first["proposal"], "accepted", "王审核", YES)
    assert matched(asked) == 2
    decide(asked.settings, first["proposal"], "rejected", "李复核", NO)
    assert matched(asked) == 1
    assert asked.release().manifest["links"] == []


def test_what_was_rejected_is_not_proposed_again(asked: County) -> None:
    found = ask(asked)
    for p in found:
        decide(asked.settings, p["proposal"], "rejected", "王审核", NO)
    assert found and ask(asked) == []
    assert {p["state"] for p in proposals(asked.settings, MONTH)} == {"rejected"}


def test_a_yes_outlives_a_corrected_file_that_says_the_same(asked: County) -> None:
    [first, *_] = ask(asked)
    decide(asked.settings, first["proposal"], "accepted", "王审核", YES)
    asked.send("public_post", post(None, "丙三丙"), post(4, "丁四"), at="2020-05-08T02:00:00+00:00")
    assert matched(asked) == 2
    asked.send("public_post", post(None, "丙三丁"), post(4, "丁四"), at="2020-06-08T02:00:00+00:00")
    assert matched(asked) == 1, "another name is another person until somebody says otherwise"


def test_two_people_of_one_name_are_both_proposed_and_only_one_accepted(county: County) -> None:
    county.registers(*(member(f"H{n:03d}", n, "同名" if n < 3 else NAMES[n]) for n in range(1, 11)))
    county.send("public_post", post(None, "同名"))
    one, two = ask(county)
    assert one["score"] == two["score"]
    decide(county.settings, one["proposal"], "accepted", "王审核", YES)
    with pytest.raises(IdentityError, match=f"第 {one['proposal']} 号提案"):
        decide(county.settings, two["proposal"], "accepted", "王审核", YES)


def test_nobody_of_that_name_is_not_proposed(county: County) -> None:
    county.registers(*(member(f"H{n:03d}", n, NAMES[n]) for n in range(1, 11)))
    county.send("public_post", post(None, "别处人"))
    assert ask(county) == []


def test_a_verdict_needs_a_proposal_and_a_name(asked: County) -> None:
    ask(asked)
    with pytest.raises(IdentityError, match="99"):
        decide(asked.settings, 99, "accepted", "王审核", YES)
    with pytest.raises(IdentityError, match="--by"):
        decide(asked.settings, 1, "accepted", " ", YES)


def test_no_clear_name_or_id_is_kept_outside_the_vault(asked: County) -> None:
    assert ask(asked)
    kept = b"".join(p.read_bytes() for p in asked.settings.home.glob("ledger.sqlite*"))
    shown = json.dumps(proposals(asked.settings), ensure_ascii=False).encode() + kept
    assert not [n for n in NAMES if n.encode() in shown]
    assert id_number(3).encode() not in shown and id_number(703).encode() not in shown
