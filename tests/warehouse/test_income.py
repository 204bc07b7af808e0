"""Poverty measures of the income lines: below is less, unknown is unknown, and they agree with a published implementation."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.gate import decide
from pipelines.intake.contract import load_contracts
from pipelines.policy import load_pack
from pipelines.settings import PROJECT
from tests.warehouse.conftest import HERE, County, household

ROOT = "532822"  # the gaps are told of the county; households and persons below of every area

REFERENCE = json.loads((Path(__file__).parent / "reference" / "poverty_measures.json").read_text(encoding="utf-8"))
FIGURES = f"select indicator, value, numerator, denominator, unknown from main.fct_figures where breakdown = '' and area = '{ROOT}'"


def earning(county: County, lines: dict[str, Decimal | None], *incomes: tuple[str, int]) -> dict[str, Any]:
    """Households with these incomes per head and sizes, one whose income nobody reported, against the lines; the figures."""
    homes = [household(f"h{n}", hh_size=size) for n, (_, size) in enumerate(incomes)]
    county.received("hh_register", *homes, household("unreported"))
    county.received(
        "hh_income",
        *(
            {
                "hh_id": f"h{n}",
                "village_code": HERE,
                "hh_size": size,
                "net_income_pc": income,
                "total_income": "100",
                "transfer_income": "25",
            }
            for n, (income, size) in enumerate(incomes)
        ),
    )
    for name, line in lines.items():
        county.con.execute(f"update build.setting set {name} = ?", [line])
    return {indicator: rest for indicator, *rest in county.rows(FIGURES)}


@pytest.mark.parametrize("line", sorted(REFERENCE["lines"]))
def test_the_measures_agree_with_a_published_implementation(county: County, line: str) -> None:
    """Before they are rounded for printing: to 1e-9."""
    incomes = [(h["net_income_pc"], h["hh_size"]) for h in REFERENCE["households"]]
    found = earning(county, {"monitor_line": Decimal(line), "poverty_line": None}, *incomes)
    for measure, scale, places in (("headcount", 1, 4), ("gap", 1, 6), ("severity", 1, 6), ("watts", 10**6, 8)):
        value, numerator, denominator, unknown = found[f"monitor_line_{measure}"]
        expected = REFERENCE["lines"][line][measure]
        assert abs(float(numerator) / float(denominator) / scale - expected) < 1e-9, measure
        printed = float(value) / (scale if measure == "watts" else 100)
        assert printed == pytest.approx(expected, abs=0.5001 * 10**-places), measure
        assert unknown == 1


@pytest.mark.parametrize(("income", "below"), [("5999", 1), ("6000", 0), ("6001", 0)])
def test_half_as_much_again_as_the_poverty_line_is_not_below_the_monitoring_line(
    county: County, income: str, below: int
) -> None:
    line = load_pack(PROJECT / "policies" / "shuangjiang").setting("monitor_line", "2020-12")
    assert isinstance(line, Decimal)
    assert earning(county, {"monitor_line": line}, (income, 1))["households_below_monitor_line"][0] == below


def test_an_income_of_the_line_is_not_below_it(county: County) -> None:
    found = earning(
        county, {"monitor_line": Decimal(6000)}, ("5999.99", 1), ("6000.00", 2), ("6000.01", 4), ("-50", 8), ("0", 16)
    )
    assert found["persons_below_monitor_line"][0] == 1 + 8 + 16
    assert found["households_below_monitor_line"][0] == 3
    assert found["income_persons"] == [31, 31, None, 1]
    assert found["monitor_line_gap_yuan"][0] == Decimal("0.01") + 8 * 6050 + 16 * 6000
    # no logarithm of an income that is not above zero: these two households and the unreported one are unknown
    assert found["monitor_line_watts"][3] == 3
    assert found["transfer_income_share"][0] == 25


def test_a_year_without_a_line_has_no_measures_and_says_so(county: County) -> None:
    found = earning(county, {}, ("1000", 1))
    assert found["persons_below_poverty_line"] == [0, 0, None, 2]
    decide(county.con, load_pack(county.settings.policy_dir), [], [], load_contracts())
    said = county.con.execute(
        "select distinct decision, reason from publish.decision where indicator = 'poverty_line_headcount' and period = '2020-03'"
    ).fetchall()
    assert {decision for decision, _ in said} == {"withhold"}
    assert all("没有设定待定参数：poverty_line" in reason for _, reason in said)
