"""Checks over months: volumes, shares, villages; and over figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

import expectations.validate as engine
from expectations.check import Check, Suite, between
from expectations.child import Child, NothingAsked, ValidationFailed
from expectations.report import Report
from expectations.validate import validate, validate_figures

A, B = "532822100201", "532822100202"


def households(n: int, village: str = A, **columns: Any) -> list[dict[str, Any]]:
    return [{"hh_id": f"H{village}{i}", "village_code": village, "hh_size": 3, **columns} for i in range(n)]


def broken(report: Report) -> set[str]:
    return {outcome.check for outcome in report.outcomes if outcome.broken}


@pytest.mark.parametrize(("rows", "ok"), [(22, True), (18, True), (23, False), (17, False)])
def test_volume_is_compared_with_the_month_before(accepted, rows, ok):
    before = accepted("hh_register", "2020-02", households(20), judged=False)
    report = validate([before, accepted("hh_register", "2020-03", households(rows))])
    assert ("hh_register_rows_stay_between_0.9_and_1.1_times_last_month" not in broken(report)) == ok


def test_without_the_month_before_nothing_is_judged_about_volume(accepted):
    report = validate([accepted("hh_register", "2020-03", households(20))])
    assert not [o for o in report.outcomes if "last_month" in o.check]


def test_a_month_that_is_only_compared_with_has_no_findings(accepted):
    faulty = accepted(
        "hh_register", "2020-02", households(20, poverty_status="not_exited", exit_year=2019), judged=False
    )
    assert validate([faulty, accepted("hh_register", "2020-03", households(20))]).findings == ()


def test_a_village_that_falls_silent_is_named(accepted):
    before = accepted("hh_register", "2020-02", households(20) + households(1, B), judged=False)
    findings = validate([before, accepted("hh_register", "2020-03", households(20))]).findings
    assert [(f.rule, f.area, f.period) for f in findings] == [
        ("every_village_with_hh_register_rows_last_month_has_rows_this_month", B, "2020-03")
    ]


@pytest.mark.parametrize(("ill", "ok"), [(55, True), (56, False)])
def test_the_share_of_a_cause_moves_by_five_points_at_most(accepted, ill, ok):
    def month(n: int) -> list[dict[str, Any]]:
        return [{"hh_id": f"H{i}", "cause_main": "illness" if i < n else "disability"} for i in range(100)]

    before = accepted("hh_register", "2020-02", month(50), judged=False)
    report = validate([before, accepted("hh_register", "2020-03", month(ill))])
    assert ("share_of_each_cause_main_moves_by_at_most_5_points" not in broken(report)) == ok


@pytest.mark.parametrize(("listed", "ok"), [(49, True), (48, False)])
def test_persons_listed_match_the_household_sizes(accepted, listed, ok):
    said = accepted(
        "hh_register",
        "2020-03",
        [{"hh_id": "H1", "hh_size": 20}, {"hh_id": "H2", "hh_size": 20}, {"hh_id": "H3", "hh_size": 10}],
    )
    persons = accepted("person_register", "2020-03", [{"hh_id": "H1", "person_id": f"P{i}"} for i in range(listed)])
    report = validate([said, persons])
    assert ("persons_listed_are_within_two_percent_of_the_household_sizes" not in broken(report)) == ok


@pytest.mark.parametrize(("times", "ok"), [(20, True), (20.01, False)])
def test_a_change_of_unit_in_the_settlements_blocks(accepted, times, ok):
    def month(cost: float) -> list[dict[str, Any]]:
        return [{"person_id": f"P{i}", "total_cost_yuan": cost, "self_paid_yuan": 0} for i in range(20)]

    before = accepted("med_settlement", "2020-02", month(100), judged=False)
    report = validate([before, accepted("med_settlement", "2020-03", month(100 * times))])
    assert ("mean_total_cost_is_within_twenty_times_of_last_month" not in broken(report)) == ok


@pytest.mark.parametrize(("toilets", "ok"), [(45, True), (44, False)])
def test_sanitary_toilets_of_a_village_do_not_vanish(accepted, toilets, ok):
    row = {"village_code": A, "rural_hh_n": 100, "sanitary_toilet_hh_n": 50}
    before = accepted("village_sanitation", "2020-02", [row], judged=False)
    report = validate([before, accepted("village_sanitation", "2020-03", [row | {"sanitary_toilet_hh_n": toilets}])])
    assert ("sanitary_toilets_of_a_village_do_not_fall_by_more_than_a_tenth" not in broken(report)) == ok


def figures(folder: Path, *rows: tuple[Any, ...]) -> str:
    """Parquet of figures: period, area, indicator, breakdown, value, is_percent, time_window, is_root."""
    con = duckdb.connect()
    con.execute(
        "create table f (period VARCHAR, area VARCHAR, indicator VARCHAR, breakdown VARCHAR, value DECIMAL(38,4),"
        " is_percent BOOLEAN, time_window VARCHAR, is_root BOOLEAN)"
    )
    con.executemany("insert into f values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    con.execute(f"copy f to '{folder / 'figures.parquet'}' (format parquet)")
    return str(folder / "figures.parquet")


@pytest.mark.parametrize(("price", "ok"), [(30, True), (30.1, False), (3.34, True), (3.33, False)])
def test_a_price_does_not_jump(accepted, price, ok):
    before = accepted(
        "price_monitor", "2020-02", [{"commodity": "tea", "price_month": "2020-02", "price": 10}], judged=False
    )
    report = validate(
        [before, accepted("price_monitor", "2020-03", [{"commodity": "tea", "price_month": "2020-03", "price": price}])]
    )
    assert (not broken(report)) == ok


@pytest.mark.parametrize(("reward", "ok"), [(20000, True), (20000.01, False)])
def test_a_village_spends_what_it_has(accepted, reward, ok):
    income = accepted("village_finance", "2020-12", [{"village_code": A, "collective_income": 50000}])
    uses = [
        {"village_code": A, "use_type": "reserve", "amount": 30000},
        {"village_code": A, "use_type": "reward", "amount": reward},
    ]
    findings = validate([income, accepted("village_finance_use", "2020-12", uses)]).findings
    assert [f.area for f in findings] == [A] * (not ok)


def test_a_share_over_100_names_the_figure(tmp_path):
    fine = ("2020-03", A, "toilet_share", "", 100, True, "month", False)
    over = ("2020-03", B, "toilet_share", "", 100.0001, True, "month", False)
    (finding,) = validate_figures(figures(tmp_path, fine, over)).findings
    assert (finding.rule, finding.severity, finding.area, finding.period, finding.indicators) == (
        "a_share_is_between_0_and_100", "error", B, "2020-03", ("toilet_share",),
    )  # fmt: skip


@pytest.mark.parametrize(("value", "offenders"), [(0, []), (-0.0001, [A, B])])
def test_figures_are_not_negative_and_a_passed_check_has_judged_something(tmp_path, value, offenders):
    rows = [("2020-03", area, "posts", "", value, False, "month", False) for area in (A, B)]
    report = validate_figures(figures(tmp_path, *rows))
    (outcome,) = [o for o in report.outcomes if o.check == "a_figure_is_not_negative"]
    assert outcome.judged
    assert [finding.area for finding in report.findings] == offenders


@pytest.mark.parametrize(("now", "ok"), [(300, True), (301, False), (34, True), (33, False)])
def test_a_county_figure_does_not_jump(tmp_path, now, ok):
    row = ("2020-02", "532822", "posts", "", 100, False, "month", True)
    path = figures(tmp_path, row, ("2020-03", "532822", "posts", "", now, False, "month", True))
    assert (broken(validate_figures(path)) == set()) == ok


def test_a_count_within_the_year_may_begin_anew_in_january(tmp_path):
    row = ("2019-12", "532822", "renovated_this_year", "", 200, False, "month", True)
    path = figures(tmp_path, row, ("2020-01", "532822", "renovated_this_year", "", 0, False, "month", True))
    assert broken(validate_figures(path)) == set()


@pytest.mark.parametrize(("now", "ok"), [(100, True), (99, False)])
def test_a_cumulative_figure_does_not_fall(tmp_path, now, ok):
    row = ("2020-02", "532822", "trained", "", 100, False, "plan", True)
    path = figures(tmp_path, row, ("2020-03", "532822", "trained", "", now, False, "plan", True))
    assert (broken(validate_figures(path)) == set()) == ok


def test_a_check_that_great_expectations_cannot_judge_stops_the_build(accepted, monkeypatch):
    wrong = Check("nothing", "error", "", "", **between("no_such_column", 0, 1))
    monkeypatch.setitem(engine.SUITES, "relocation", (Suite("select _source, _period from relocation", (wrong,)),))
    with pytest.raises(engine.NotJudged, match="nothing"):
        validate([accepted("relocation", "2020-03", [{"hh_id": "H1"}])])


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    child = Child(tmp_path / "child.log")
    yield child
    child.close()


def test_a_report_that_nobody_asked_for_is_not_waited_for(child):
    with pytest.raises(NothingAsked):
        child.collect()


def test_a_process_that_was_ended_is_not_waited_for(child, tmp_path):
    child.ask_figures(tmp_path / "figures.parquet")
    child.close()
    with pytest.raises(ValidationFailed, match="exit code -9"):
        child.collect()


@pytest.mark.slow
def test_the_child_process_answers_as_the_function_does_and_says_why_it_broke(accepted, child, tmp_path):
    file = accepted("relocation", "2020-03", [{"hh_id": "H1", "moved_date": "2020-04-01"}])
    child.ask_rows([file], tmp_path / "files.json")
    assert child.collect() == validate([file])
    child.ask_figures(tmp_path / "absent.parquet")
    with pytest.raises(ValidationFailed, match=r"absent\.parquet"):
        child.collect()


@pytest.mark.parametrize(("said", "rural", "broken_rules"), [
    (3, 3, set()),
    (4, 3, {"the_register_and_the_statistics_count_the_same_poor"}),
    (2, 3, {"the_register_and_the_statistics_count_the_same_poor"}),
    (3, 2, {"the_poor_are_not_more_than_the_rural_population"}),
])  # fmt: skip
def test_the_register_agrees_with_the_statistics(accepted, said, rural, broken_rules):
    households = [
        {"hh_id": "H1", "village_code": A, "poverty_status": "not_exited", "hh_size": 3, "cause_main": "illness"},
        {"hh_id": "H2", "village_code": A, "poverty_status": "exited", "hh_size": 5},
    ]
    files = [
        accepted("hh_register", "2020-12", households),
        accepted("stat_base_county", "2020-12", [{"year": 2020, "poor_n": said}]),
        accepted("stat_base_town", "2020-12", [{"township_code": A[:9], "rural_pop": rural}]),
    ]
    assert broken(validate(files)) == broken_rules
