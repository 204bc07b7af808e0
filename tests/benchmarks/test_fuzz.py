"""A slice of the fuzz run: nothing crashes, hangs, grows or loses a row, and every kind of input can be made again."""

from __future__ import annotations

import pytest

from benchmarks.fuzz import KINDS, Tally, made, report, run


def test_an_input_is_made_of_seed_and_number_alone() -> None:
    assert made(3, 14) == made(3, 14) and made(3, 14) != made(3, 15) and made(4, 14) != made(3, 14)


def test_failures_are_counted_and_told() -> None:
    tally = Tally()
    tally.add(1, "noise", "refused", 3, [], 0.1, 100.0)
    tally.add(2, "noise", "accepted", 4, ["rows twice"], 11.0, 2000.0)
    text = report(tally, 3, "2020-03-01")
    assert "| noise | 2 | 1 | 1 | 3 |" in text and "a row of 7 not accounted for" in text
    assert all(f"- input 2 (noise): {what}" in text for what in ("rows twice", "memory over 1024 MB", "over 10 s"))
    assert tally.slowest == 11.0


@pytest.mark.slow
def test_two_hundred_bad_inputs_pass_through_intake() -> None:
    """Their time is not judged here: a machine may have much else to do."""
    tally = run(11, 0, 200)
    assert [f for f in tally.failures if not f[2].startswith("over")] == []
    assert tally.states.total() == 200 and {state for _, state in tally.states} == {"accepted", "refused"}
    assert len({kind for kind, _ in tally.states}) > len(KINDS) / 2
