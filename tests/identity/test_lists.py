"""Who is in which household as of the month, and what each list holds and leaves out."""

from __future__ import annotations

from tests.identity.conftest import HERE, MONTH, THERE, County, home, id_number, member

BEFORE = "2020-02"
MEMBERSHIP = ("joined", "died", "left", "moved", "split", "merged", "renumbered")


def test_registers_that_agree_give_no_entry(county: County) -> None:
    county.registers(member("H001", 1), member("H002", 2))
    assert county.lists() == {}


def test_a_person_in_two_households_is_listed_with_both(county: County) -> None:
    county.registers(member("H001", 1), member("H002", 2), *(member("H003", n) for n in range(3, 9)), member("H002", 1))
    assert county.lists() == {"same_person": [(10, county.household("H002"), county.household("H001"))]}


def test_the_same_row_twice_is_no_person_in_two_households(county: County) -> None:
    county.registers(member("H001", 1), *(member("H003", n) for n in range(3, 9)), member("H001", 1))
    assert county.lists() == {}


def test_one_id_with_two_names_in_the_register(county: County) -> None:
    county.registers(member("H001", 1), *(member("H003", n) for n in range(3, 9)), member("H001", 1, "另一个人"))
    assert list(county.lists()) == ["twins"]


def test_one_id_with_another_name_than_last_month(county: County) -> None:
    county.registers(member("H001", 1), month=BEFORE)
    county.registers(member("H001", 1, "另一个人"))
    assert list(county.lists()) == ["twins"]
    assert county.lists(BEFORE) == {}


def post(serial: int | None, name: str, village: str = HERE) -> dict[str, str]:
    base = {"township_code": "勐海镇", "village_code": village, "person_name": name, "post_type": "生态护林员"}
    return (
        base
        | {"start_date": "2020-01-01", "monthly_pay_yuan": "800"}
        | ({"person_id": id_number(serial)} if serial else {})
    )


def test_departments_rows_are_looked_up_in_the_register_of_their_month(county: County) -> None:
    county.registers(member("H001", 1), member("H002", 2))
    county.send("public_post", post(1, "测试1"), post(2, "别的名字"), post(7, "测试7"), post(None, "测试9"))
    county.send("housing", {"dwelling_id": "1", "hh_id": "H001", "structure": "砖混", "house_grade": "A", "occupied": "是"},
                {"dwelling_id": "2", "hh_id": "H009", "structure": "砖混", "house_grade": "A", "occupied": "是"})  # fmt: skip
    found = county.lists()
    assert {name: [row for row, *_ in entries] for name, entries in found.items()} == {
        "twins": [3], "unknown": [3, 4], "no_id": [5],
    }  # fmt: skip
    figures = {(f["indicator"], *f["breakdown"].values()): f["value"] for f in county.release().figures(area="532822")}
    assert [figures[i, "public_post"] for i in ("named_rows", "matched_rows", "match_rate")] == [4, 2, 50.0]
    assert [figures[i, "housing"] for i in ("named_rows", "matched_rows", "match_rate")] == [2, 1, 50.0]


def test_a_match_rate_traces_to_its_rows(county: County) -> None:
    from pipelines.trace import trace

    county.registers(member("H001", 1), member("H002", 2))
    county.send("public_post", post(1, "测试1"), post(7, "测试7"))
    release = county.release()
    found = trace(county.settings, f"{release.name}/match_rate/532822/extract=public_post")
    assert (found["totals"]["numerator"], found["totals"]["denominator"]) == (1, 2)
    assert found["totals"]["contributions"] == 2
    assert sorted(len(c["evidence"]) for c in found["contributions"]) == [1, 2]


def test_a_person_whose_register_row_was_refused_is_neither_found_nor_unknown(county: County) -> None:
    people = [member("H001", n) for n in range(1, 9)]
    county.registers(*people, member("H001", 9, relation="不知道的关系"))
    county.send("public_post", post(1, "测试1"), post(9, "测试9"))
    assert "unknown" not in county.lists()
    [rate] = county.release().figures("match_rate", "532822", "extract=public_post")
    assert rate["unknown"] == 1


def test_a_match_rate_waits_for_its_own_extract_and_the_registers_only(county: County) -> None:
    county.registers(member("H001", 1))
    county.send("public_post", post(1, "测试1"))
    figures = {(f["indicator"], *f["breakdown"].values()): f for f in county.release().figures(area="532822")}
    assert figures["match_rate", "public_post"]["status"] == "published"
    assert figures["match_rate", "housing"]["status"] == "withheld"
    assert [w["extract"] for w in figures["match_rate", "housing"]["waits_for"]] == ["housing"]


def test_households_without_members_and_members_without_household(county: County) -> None:
    county.registers(member("H001", 1), member("H002", 2), homes=(home("H001"), home("H003")))
    assert county.lists() == {
        "no_household": [(3, county.household("H002"), None)],
        "no_members": [(3, county.household("H003"), None)],
    }


def test_without_one_register_nobody_is_without_household(county: County) -> None:
    county.send("person_register", member("H001", 1))
    assert county.lists() == {}


def test_a_household_whose_member_was_refused_is_not_without_members(county: County) -> None:
    people = [member("H001", n) for n in range(1, 9)]
    county.registers(*people, member("H002", 9, relation="不知道的关系"))
    assert county.lists() == {}


def changed(county: County, month: str = MONTH) -> dict[str, list[tuple[str, str | None]]]:
    return {
        name: [(a, b) for _, a, b in entries] for name, entries in county.lists(month).items() if name in MEMBERSHIP
    }


def test_who_joined_left_and_moved(county: County) -> None:
    stay = [member("H001", 1), member("H002", 2), member("H003", 3)]
    county.registers(*stay, member("H001", 4), member("H001", 5), month=BEFORE)
    county.registers(*stay, member("H002", 4), member("H003", 6))
    one, two, three = (county.household(h) for h in ("H001", "H002", "H003"))
    assert changed(county) == {"joined": [(three, None)], "left": [(one, None)], "moved": [(two, one)]}
    assert changed(county, BEFORE) == {}, "the first register of all says nothing about coming and going"


def test_who_is_listed_as_dead_died_and_is_no_member_any_more(county: County) -> None:
    stay = [member("H001", 1), member("H002", 2, person_status="正常")]
    county.registers(*stay, member("H001", 3), member("H002", 4), month=BEFORE)
    county.registers(*stay, member("H001", 3, person_status="死亡"))
    one, two = county.household("H001"), county.household("H002")
    assert changed(county) == {"died": [(one, None)], "left": [(two, None)]}
    with county.build() as con:
        (dead,), persons = (
            con.execute("select to_source % 100000000 from main.int_membership_event where event = 'died'").fetchall()[
                0
            ],
            con.execute("select count(*) from main.int_person_month").fetchall(),
        )
        members = con.execute("select subject, members__members_n from main.int_household_month").fetchall()
    assert dead == 4, "the row that says so"
    assert persons == [(2,)] and dict(members) == {one: 1, two: 1}


def test_splits_mergers_and_new_numbers_are_told_apart(county: County) -> None:
    county.registers(
        member("H001", 1), member("H001", 2),  # 2 founds a household of its own
        member("H003", 3), member("H004", 4),  # 4 goes to 3, its household ends
        member("H005", 5), member("H005", 6),  # the household gets another number
        month=BEFORE,
    )  # fmt: skip
    county.registers(
        member("H001", 1), member("H002", 2), member("H003", 3), member("H003", 4), member("H006", 5), member("H006", 6)
    )
    one, two, three, four, five, six = (county.household(f"H00{n}") for n in range(1, 7))
    assert changed(county) == {
        "split": [(two, one)],
        "merged": [(three, four)],
        "renumbered": [(six, five), (six, five)],
    }


def test_a_household_that_ends_in_two_new_ones_was_split(county: County) -> None:
    county.registers(member("H001", 1), member("H001", 2), month=BEFORE)
    county.registers(member("H002", 1), member("H003", 2))
    assert sorted(changed(county)) == ["split"]


def test_a_month_without_a_register_says_nothing_about_leaving(county: County) -> None:
    county.registers(member("H001", 1), member("H001", 2), month="2020-01")
    county.registers(member("H001", 1))
    assert changed(county, BEFORE) == {}
    assert list(changed(county)) == ["left"]


def test_a_refused_row_is_no_departure(county: County) -> None:
    people = [member("H001", n) for n in range(1, 9)]
    county.registers(*people, member("H001", 9), month=BEFORE)
    county.registers(*people, member("H001", 9, relation="不知道的关系"))
    assert changed(county) == {}


def test_a_person_is_in_the_household_of_the_month_asked_for(county: County) -> None:
    county.registers(member("H001", 1), member("H002", 2), month=BEFORE)
    county.registers(member("H002", 1), member("H002", 2))
    who = county.person(id_number(1))
    for month, household in ((BEFORE, "H001"), (MONTH, "H002")):
        with county.build(month, asked=["int_person_month"]) as con:
            found = con.execute("select hh_id from main.int_person_month where subject = ?", [who]).fetchall()
        assert found == [(county.household(household),)]


def test_the_same_village_name_keeps_lists_apart_by_month(county: County) -> None:
    county.registers(member("H001", 1), homes=(home("H001", THERE),), month=BEFORE)
    county.registers(member("H001", 1), homes=(home("H001", HERE),))
    assert county.lists() == {}
