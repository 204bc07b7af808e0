"""Two releases side by side."""

from __future__ import annotations

from pipelines.release import open_release
from pipelines.release.diff import diff
from pipelines.settings import Settings


def test_the_difference_of_two_revisions_is_what_the_correction_says(sealed_home: Settings) -> None:
    r1, r2 = open_release(sealed_home, "2020-12", 1), open_release(sealed_home, "2020-12", 2)
    found = {(c["indicator"], c["area"], c["old_value"], c["new_value"]) for c in diff(r1, r2)}
    # a share may keep its value while the sums under it change
    shows = [c for c in r2.changes() if (c["old_value"], c["old_status"]) != (c["new_value"], c["new_status"])]
    assert found == {(c["indicator"], c["area"], c["old_value"], c["new_value"]) for c in shows}
    assert diff(r2, r2) == []


def test_a_figure_that_only_one_month_has_is_there_with_none_on_the_other_side(sealed_home: Settings) -> None:
    old, new = open_release(sealed_home, "2020-02"), open_release(sealed_home, "2020-03")
    rule = {"rule": "mh20_self_paid"}  # in force from March 2020 on
    warned = [c for c in diff(old, new) if (c["indicator"], c["breakdown"]) == ("warned_households", rule)]
    assert warned
    assert {(c["old_shown"], c["new_status"]) for c in warned} == {("无", "published")}
