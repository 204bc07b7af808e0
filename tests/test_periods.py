"""Arithmetic on months."""

from __future__ import annotations

import pytest

from pipelines.periods import Window, span


@pytest.mark.parametrize(
    ("window", "period", "since", "until"),
    [
        ("month", "2020-03", "2020-03", "2020-03"),
        ("year_ago", "2020-03", "2019-03", "2019-03"),
        ("quarter", "2020-01", "2020-01", "2020-01"),
        ("quarter", "2020-03", "2020-01", "2020-03"),
        ("quarter", "2020-04", "2020-04", "2020-04"),
        ("quarter", "2020-12", "2020-10", "2020-12"),
        ("year", "2020-12", "2020-01", "2020-12"),
        ("plan", "2020-12", "2018-01", "2020-12"),
    ],
)
def test_the_months_that_a_window_adds_up(window: Window, period: str, since: str, until: str) -> None:
    assert span(window, period, "2018-01") == (since, until)
