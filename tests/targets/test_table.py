"""The table of a release's targets: which rows there are, what their figures may be read as, what is said of the future."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from pipelines.periods import months
from pipelines.targets import History, Reading, Row

ROOT, TOWN, VILLAGE = "1", "11", "111"
AREAS = [
    (ROOT, "", "county"),
    (TOWN, ROOT, "township"),
    ("12", ROOT, "township"),
    (VILLAGE, TOWN, "village"),
    ("121", "12", "village"),
]
UNITS = {
    "times": "person-times",
    "persons": "persons",
    "year": "persons",
    "share": "%",
    "growth": "%",
    "rise": "points",
}
DERIVED: dict[str, dict[str, Any]] = {
    "share": {"numerator": "persons", "denominator": "persons", "share_of": "whole", "scale": 100},
    "growth": {"numerator": "persons", "denominator": "persons", "growth": True, "scale": 100},
    "rise": {
        "numerator": "persons",
        "denominator": "persons",
        "scale": 100,
        "less": {"numerator": "times", "denominator": "year"},
    },
}


def target(indicator: str, comparator: str, value: float, due: str = "2019-12", **more: Any) -> dict[str, Any]:
    said = {
        "target": f"{indicator}_{due}",
        "indicator": indicator,
        "area": ROOT,
        "clause": "C-1",
        "comparator": comparator,
    }
    return said | {"value": value, "due": due, "from": None, "breakdown": "", "owner": "office", "unit": ""} | more


def history(*targets: dict[str, Any], waiting: tuple[dict[str, Any], ...] = ()) -> History:
    indicators = {
        code: {
            "unit": {"zh": unit, "en": unit},
            "kind": "derived" if code in DERIVED else "additive",
            "decimals": 2 if code in DERIVED else 0,
            "window": {"times": "plan", "year": "year"}.get(code, "month"),
            "derived": DERIVED.get(code),
        }
        for code, unit in UNITS.items()
    }
    areas = [{"code": code, "name": code, "parent": parent, "level": level} for code, parent, level in AREAS]
    return History(
        {"targets": list(targets), "indicators": indicators, "areas": areas, "waiting_targets": list(waiting)}
    )


def reading(value: float | str | None, note: str | None = None, unknown: int = 0, of: int | None = None) -> Reading:
    amount = None if value is None else Decimal(str(value))
    status = "withheld" if value is None else "published"
    part = None if of is None or amount is None else amount * of / 100
    whole = None if of is None else Decimal(of)
    return Reading("id", amount, part, whole, unknown, status, note, None if amount else "没有上报")


def quotient(numerator: int, denominator: int, less_whole: bool = False) -> Reading:
    """A figure in percent (what it is more than the whole) as it is published: rounded to two places."""
    exact = (Decimal(numerator) / denominator - less_whole) * 100
    shown = exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return Reading("id", shown, Decimal(numerator), Decimal(denominator), 0, "published", None, None)


def fill(found: History, indicator: str, span: str, values: list[Any], area: str = ROOT) -> None:
    for month, value in zip(months(span), values, strict=True):
        rows = [Row(indicator, area, "", value if isinstance(value, Reading) else reading(value))]
        found.put(month, rows)


def only(found: History, period: str) -> dict[str, Any]:
    rows = found.table(period)
    assert len(rows) == 1
    return rows[0]


def test_a_goal_of_all_or_none_holds_for_the_areas_below_but_the_lowest_and_any_other_does_not() -> None:
    found = history(
        target("share", ">=", 100), target("share", ">=", 50), target("persons", "=", 0), target("persons", "=", 4)
    )
    found.put("2019-01", [Row(code, area, "", reading(40)) for code in ("share", "persons") for area, *_ in AREAS])
    rows = [(row["indicator"], str(row["goal"]), row["area"]) for row in found.table("2019-01")]
    whole = [("share", "100", area) for area in (ROOT, TOWN, "12")]
    none = [("persons", "0", area) for area in (ROOT, TOWN, "12")]
    assert rows == [*whole, ("share", "50", ROOT), *none, ("persons", "4", ROOT)]


def test_growth_of_nothing_holds_for_no_other_area_and_may_fall_below_it() -> None:
    found = history(target("growth", ">=", 100), target("growth", "=", 0, due="2019-08"))
    for month, value in zip(months("2019-01:2019-05"), (9, 7, 5, 3, 1), strict=True):
        found.put(month, [Row("growth", area, "", reading(value)) for area, *_ in AREAS])
    assert [(row["area"], row["projected"]) for row in found.table("2019-05")] == [(ROOT, -13), (ROOT, -5)]


def test_a_count_or_a_share_never_falls_below_nothing() -> None:
    found = history(target("persons", "=", 0), target("share", "<=", 0))
    for month, value in zip(months("2019-01:2019-05"), (9, 7, 5, 3, 1), strict=True):
        found.put(month, [Row(code, ROOT, "", reading(value)) for code in ("persons", "share")])
    assert [row["projected"] for row in found.table("2019-05")] == [0, 0]


def test_an_area_with_nothing_to_count_has_no_row_and_one_that_is_withheld_has() -> None:
    found = history(target("share", ">=", 100))
    empty = reading(None)._replace(status="published")
    found.put(
        "2019-01",
        [Row("share", ROOT, "", reading(90)), Row("share", TOWN, "", empty), Row("share", "12", "", reading(None))],
    )
    rows = {row["area"]: (row["status"], row["why"]) for row in found.table("2019-01")}
    assert rows == {ROOT: ("unknown", "few_months"), "12": ("unknown", "withheld")}


def test_only_months_up_to_the_release_are_read() -> None:
    found = history(target("persons", ">=", 100))
    fill(found, "persons", "2019-01:2019-05", [10, 20, 30, 40, 50])
    before = only(found, "2019-05")
    fill(found, "persons", "2019-06:2019-08", [99, 99, 99])
    assert only(found, "2019-05") == before
    assert before["actual_pace"] == 10


def test_a_corrected_month_takes_the_place_of_what_it_corrects() -> None:
    found = history(target("persons", ">=", 100))
    fill(found, "persons", "2019-01:2019-03", [10, 20, 30])
    fill(found, "persons", "2019-01", [28])
    assert only(found, "2019-03")["actual_pace"] == 1


def test_a_figure_that_begins_anew_in_january_is_paced_within_its_year() -> None:
    found = history(target("year", ">=", 120))
    fill(found, "year", "2018-11:2019-03", [110, 120, 5, 15, 30])
    row = only(found, "2019-03")
    assert (row["start"], row["pace_since"], row["actual_pace"], row["needed_pace"]) == ("2019-01", "2018-12", 10, 10)
    assert (row["status"], row["projected"]) == ("on_track", 120)
    early = only(found, "2018-12")
    assert (early["status"], early["why"], early["no_forecast"]) == ("unknown", "not_begun", "unknown")


def test_a_count_from_a_month_on_begins_at_nothing_whatever_stood_there_before() -> None:
    found = history(target("persons", ">=", 120, **{"from": "2019-01"}))
    fill(found, "persons", "2018-10:2019-02", [90, 90, 90, 10, 20])
    assert only(found, "2019-02")["actual_pace"] == 10


def test_person_times_and_persons_are_judged_apart() -> None:
    found = history(target("times", ">=", 60), target("persons", ">=", 60))
    for month, times, persons in zip(
        months("2019-01:2019-06"), range(10, 70, 10), (10, 18, 25, 31, 36, 40), strict=True
    ):
        found.put(month, [Row("times", ROOT, "", reading(times)), Row("persons", ROOT, "", reading(persons))])
    assert {row["indicator"]: row["status"] for row in found.table("2019-06")} == {
        "times": "met",
        "persons": "on_track",
    }


@pytest.mark.parametrize(
    ("given", "ends"),
    [
        (reading(40), (40, 40)),
        (reading(40, "至少：另有3个统计对象情况不明", 3), (40, 43)),
        (reading(40, "至少：某局《某表》有2行被退回、没有计入"), (40, None)),
        (reading(40, "至少：另有3个统计对象情况不明；某局《某表》有2行被退回、没有计入", 3), (40, None)),
        (reading(90, "按已知的计算：另有10个统计对象情况不明", 10, of=90), (81, 91)),
        (reading(90, "按已知的计算：某局《某表》有2行被退回、没有计入", of=90), (0, None)),
        (reading(90, "提示：变化过大", of=90), (90, 90)),
        (reading(None), None),
    ],
)  # fmt: skip
def test_what_is_left_out_of_a_figure_makes_a_span_of_it(given: Reading, ends: Any) -> None:
    found = history(target("share" if given.denominator else "persons", ">=", 50))
    code, of = found.indicators[0], (ROOT, "")
    found.put("2019-01", [Row(code, *of, given)])
    read = found.reading("2019-01", (code, *of))
    assert read is not None and read.ends == ends


@pytest.mark.parametrize(
    ("comparator", "goal", "counted", "shown", "status", "why"),
    [
        (">=", 100, (99_999, 100_000), "100.00", "behind", "rounded"),
        (">=", 100, (100_000, 100_000), "100.00", "met", ""),
        (">=", 100, (799, 800), "99.88", "behind", "due_passed"),
        (">=", 10, (999_999, 10_000_000), "10.00", "behind", "rounded"),
        (">=", 10, (1_000_000, 10_000_000), "10.00", "met", ""),
        (">=", 10, (999, 10_000), "9.99", "behind", "due_passed"),
        ("<=", 10, (1_000_001, 10_000_000), "10.00", "behind", "rounded"),
        ("<", 10, (999_999, 10_000_000), "10.00", "met", "rounded"),
        ("=", 0, (1, 100_000), "0.00", "behind", "rounded"),
        ("=", 0, (0, 100_000), "0.00", "met", ""),
    ],
)
def test_a_share_that_is_shown_rounded_is_judged_by_what_was_counted(
    comparator: str, goal: int, counted: tuple[int, int], shown: str, status: str, why: str
) -> None:
    found = history(target("share", comparator, goal))
    found.put("2019-12", [Row("share", ROOT, "", quotient(*counted))])
    row = only(found, "2019-12")
    assert (str(row["value"]), row["status"], row["why"]) == (shown, status, why)


@pytest.mark.parametrize(("counted", "status"), [((99_999, 100_000), "behind"), ((100_000, 100_000), "met")])
def test_growth_that_rounds_to_nothing_is_judged_by_what_was_counted(counted: tuple[int, int], status: str) -> None:
    found = history(target("growth", ">=", 0))
    found.put("2019-12", [Row("growth", ROOT, "", quotient(*counted, less_whole=True))])
    row = only(found, "2019-12")
    assert (row["value"], row["status"]) == (0, status)


@pytest.mark.parametrize(("before", "status"), [("50001", "behind"), ("50000", "met"), (None, "met")])
def test_a_rise_is_judged_by_the_counts_of_both_years_where_they_are_published(before: str | None, status: str) -> None:
    found = history(target("rise", ">=", 0))
    now = quotient(50_000, 100_000)._replace(value=Decimal("0.00"))
    ago = (reading(before), reading(100_000))
    assert found.indicators == ["rise", "times", "year"]
    found.put("2019-12", [Row(c, ROOT, "", r) for c, r in zip(("rise", "times", "year"), (now, *ago), strict=True)])
    row = only(found, "2019-12")
    assert (row["value"], row["status"]) == (0, status)


def test_a_pace_is_that_of_what_was_counted() -> None:
    found = history(target("share", ">=", 100, due="2020-03"))
    fill(found, "share", "2019-10:2019-12", [quotient(n, 3_000_000) for n in (2_999_940, 2_999_960, 2_999_980)])
    row = only(found, "2019-12")
    assert (row["value"], row["status"], row["likely"]) == (100, "on_track", "2020-01")
    assert row["actual_pace"] == Decimal("0.0007")


def test_months_known_in_part_are_no_part_of_a_pace() -> None:
    found = history(target("persons", ">=", 120))
    fill(found, "persons", "2019-01:2019-04", [10, reading(11, "至少：另有3个统计对象情况不明", 3), 30, 40])
    assert only(found, "2019-04")["actual_pace"] == 10
    fill(found, "persons", "2019-04", [reading(40, "至少：另有3个统计对象情况不明", 3)])
    row = only(found, "2019-04")
    assert (row["no_forecast"], row["projected"]) == ("partial", None)


def test_a_target_that_waits_says_for_what() -> None:
    waits = target("", ">=", 5) | {"target": "later", "why": "no_indicator", "detail": "happiness"}
    unset = target("", ">=", 5) | {"target": "open", "value": None, "why": "unset", "detail": "goal"}
    found = history(waiting=(waits, unset))
    found.put("2019-01", [])
    assert [(row["target"], row["status"], row["why"], row["detail"]) for row in found.table("2019-01")] == [
        ("later", "unknown", "no_indicator", "happiness"),
        ("open", "unknown", "unset", "goal"),
    ]


def test_beyond_twelve_months_there_is_a_pace_and_no_interval() -> None:
    found = history(target("persons", ">=", 1000, due="2020-06"))
    fill(found, "persons", "2019-01:2019-06", [10, 20, 30, 40, 50, 60])
    far, near = only(found, "2019-05"), only(found, "2019-06")
    assert (far["months_left"], far["no_forecast"], far["projected"]) == (13, "far", None)
    assert (near["months_left"], near["no_forecast"], near["projected"]) == (12, "few_errors", 180)
    assert near["chance"] is None


def test_the_frame_has_the_rows_of_the_table() -> None:
    found = history(target("share", ">=", 100))
    fill(found, "share", "2019-01:2019-04", [10, 20, 30, 40])
    frame = found.frame("2019-04")
    assert frame.to_dicts() == found.table("2019-04")
