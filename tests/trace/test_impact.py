"""Forward and back are the same path: what a figure's trace names, the row's impact names."""

from __future__ import annotations

import pytest

from pipelines.release import ReleaseError
from pipelines.settings import Settings
from pipelines.trace import trace
from pipelines.trace.explain import explain
from pipelines.trace.impact import impact

WARNED = "2020-12/r2/warned_households/532822/rule=mh20_self_paid_illness"


def test_a_row_of_a_figures_trace_has_that_figure_in_its_impact(sealed_home: Settings) -> None:
    row = trace(sealed_home, WARNED, 1)["contributions"][0]["evidence"][-1]
    found = impact(sealed_home, row["submission"], 1, row["row"])
    assert (found["file"], found["sha256"]) == (row["file"], row["sha256"])
    figures = {f["id"] for r in found["releases"] for f in r["figures"]}
    assert WARNED in figures
    assert all(i.startswith("2020-12/") for i in figures)
    for figure_id in figures:
        pages = trace(sealed_home, figure_id, 100_000)["contributions"]
        assert any((e["submission"], e["row"]) == (row["submission"], row["row"]) for c in pages for e in c["evidence"])


def test_a_corrected_row_feeds_the_release_it_was_in_and_not_the_one_after(sealed_home: Settings) -> None:
    evidence = trace(sealed_home, "2020-12/r1/warned_households/532822/rule=mh20_self_paid_illness", 1)[
        "contributions"
    ][0]["evidence"]
    row = next(e for e in evidence if e["extract"] == "med_settlement")
    found = impact(sealed_home, row["submission"], 1, row["row"])
    assert [r["release"] for r in found["releases"]] == ["2020-12/r1"]
    assert found["file"] == row["file"]


def test_a_training_row_feeds_every_later_month_and_a_share_through_its_operands(sealed_home: Settings) -> None:
    evidence = trace(sealed_home, "2020-03/r1/trained_person_times/532822", 1)["contributions"][0]["evidence"]
    row = next(e for e in evidence if e["extract"] == "training_record")
    months = {r["release"][:7] for r in impact(sealed_home, row["submission"], 1, row["row"])["releases"]}
    assert {"2020-03", "2020-12"} <= months
    assert min(months) == row["period"]
    village = trace(sealed_home, "2020-03/r1/sanitary_toilet_share/532822", 1)["contributions"][0]["evidence"][0]
    fed = impact(sealed_home, village["submission"], 1, village["row"])["releases"][0]["figures"]
    assert "2020-03/r1/sanitary_toilet_share/532822" in {f["id"] for f in fed}


def test_a_submission_that_nothing_was_made_from_is_said(sealed_home: Settings) -> None:
    with pytest.raises(ReleaseError, match="9999"):
        impact(sealed_home, 9999, 1, 1)


def test_explain_gives_the_answer_with_value_threshold_and_rows(sealed_home: Settings) -> None:
    subject = trace(sealed_home, WARNED, 1)["contributions"][0]["subject"]
    found = explain(sealed_home, subject.split("/")[0], "2020-12")
    rules = {rule["rule"]: rule for rule in found["rules"]}
    assert rules["mh20_self_paid"]["answer"] == "met"
    rule = rules["mh20_self_paid_illness"]
    assert (rule["clause"], rule["answer"]) == ("MH20-016", "met")
    assert rule["value"] > rule["threshold"] == 5000
    assert any(e["extract"] == "med_settlement" for e in rule["evidence"])
    assert rule["waits_for"] == []


def test_explain_of_a_household_that_is_not_there_is_said(sealed_home: Settings) -> None:
    with pytest.raises(ReleaseError, match="H0000000000000000"):
        explain(sealed_home, "H0000000000000000", "2020-12")
