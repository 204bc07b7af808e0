"""Numbers and months in both languages."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dashboards import text


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (None, 0, "–"),
        (0, 0, "0"),
        (Decimal("12345"), 0, "12,345"),
        (Decimal("-3.456"), 2, "−3.46"),
        (Decimal("-0.001"), 2, "0.00"),
    ],
)
def test_numbers(value: Decimal | int | None, decimals: int, shown: str) -> None:
    assert text.number(value, decimals) == shown


@pytest.mark.parametrize(("value", "shown"), [(12, "+12"), (-12, "−12"), (0, "0")])
def test_changes_carry_their_sign(value: int, shown: str) -> None:
    assert text.change(value) == shown


def test_months() -> None:
    assert text.month("2020-03", "zh") == "2020年3月"
    assert text.month("2020-03", "en") == "March 2020"
    assert text.short_month("2020-03", "zh") == "3月"
