"""Every pack goes the whole way: a very small county of its own areas is simulated, taken in, built, checked, gated and sealed."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.validate import validate, validate_figures
from pipelines.gate import decide
from pipelines.indicators import Cell, load_catalogue
from pipelines.intake.contract import load_contracts
from pipelines.intake.receive import take_in
from pipelines.periods import shift
from pipelines.policy import Pack, load_pack
from pipelines.quality import accepted_files, export_figures, intake_findings
from pipelines.release.read import Release, open_release
from pipelines.release.seal import seal
from pipelines.release.verify import verify
from pipelines.settings import PROJECT, Settings
from pipelines.simulate import simulate
from pipelines.sql import literal
from pipelines.warehouse import compiled_models, prepare, run_compiled
from pipelines.warehouse.dbt import target_path
from tests.policy.conftest import INVENTED

pytestmark = pytest.mark.slow

HOUSEHOLDS = 100
KEPT = {"township": 1, "village": 2}  # areas of a level kept in each one above
# pack → the months that are sealed
MONTHS = {
    "menghai": ["2018-12"],
    "shuangjiang": ["2021-12"],
    "ganzhou": ["2019-12"],
    "xinfeng": ["2020-12"],
    "invented": ["2021-01", "2021-02"],
}
Figures = dict[tuple[str, str, str], dict[str, Any]]


@dataclass(frozen=True)
class Sealed:
    """A county that went the whole way: its pack, its last release, what was refused, and where what really is lies."""

    settings: Settings
    pack: Pack
    release: Release
    refused: list[str]
    truth: Path

    @property
    def figures(self) -> Figures:
        """Indicator, area, breakdown → the figure as sealed."""
        with duckdb.connect() as con:
            cursor = con.execute(f"from read_parquet({literal(self.release.path / 'figures.parquet')})")
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        return {(row["indicator"], row["area"], row["breakdown"]): row for row in rows}

    def own_of(self, area: str) -> dict[tuple[str, str], tuple[Any, int]]:
        """Indicator, breakdown → what stands with an area itself, not with one below it: sum, unknown ones. For figures of the month."""
        topics = " union all ".join(f"from {topic}" for topic in load_catalogue().topics)
        with duckdb.connect(str(self.settings.candidate), read_only=True) as con:
            rows = con.execute(
                "select indicator, breakdown, coalesce(sum(numerator), 0), count(*) - count(numerator)"
                f" from ({topics}) where area_code = {literal(area)} group by all"
            ).fetchall()
        return {(indicator, breakdown): (total, unknown) for indicator, breakdown, total, unknown in rows}

    def true(self, query: str) -> Any:
        """One value of the simulation's own tables, by SQL over ``household``, ``household_month`` …"""
        with duckdb.connect() as con:
            for table in self.truth.glob("*.parquet"):
                con.execute(f"create view {table.stem} as from read_parquet({literal(table)})")
            [(value,)] = con.execute(query).fetchall()
        return value


def few_areas(folder: Path) -> None:
    """Keep all counties of a pack, and a few townships and villages in each."""
    with (folder / "areas.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    seen: Counter[tuple[str, str]] = Counter()
    kept: dict[str, dict[str, str]] = {}
    for row in rows:
        place = (row["parent"], row["level"])
        if (not row["parent"] or row["parent"] in kept) and seen[place] < KEPT.get(row["level"], len(rows)):
            seen[place] += 1
            kept[row["code"]] = row
    with (folder / "areas.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(kept.values())


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory, compiled: Settings) -> Callable[[str], Sealed]:
    """The whole way of a pack, by its name; each once."""
    done: dict[str, Sealed] = {}

    def whole_way(name: str) -> Sealed:
        if name not in done:
            done[name] = _whole_way(name, tmp_path_factory.mktemp(name), target_path(compiled))
        return done[name]

    return whole_way


def _whole_way(name: str, place: Path, compiled: Path) -> Sealed:
    shutil.copytree(INVENTED if name == "invented" else PROJECT / "policies" / name, place / "policies" / name)
    few_areas(place / "policies" / name)
    settings = Settings(home=place / "home", policy=name, policies=place / "policies")
    pack, contracts, catalogue, months = (
        load_pack(settings.policy_dir),
        load_contracts(),
        load_catalogue(),
        MONTHS[name],
    )
    inputs = PROJECT / "policies" / name / "inputs"
    simulate(settings.landing, pack, contracts, months, HOUSEHOLDS, inputs=inputs, extracts=catalogue.awaited)
    for apart in ("truth", "corrections"):
        if (settings.landing / apart).exists():
            (settings.landing / apart).rename(place / apart)
    taken = take_in(settings, pack, contracts, months)

    shutil.copytree(compiled, target_path(settings))
    prepare(settings, pack, contracts, catalogue, months, f"{shift(months[-1], 2)}-01T00:00:00Z")
    with duckdb.connect(str(settings.candidate)) as con:
        run_compiled(con, compiled_models(settings))
        export_figures(con, catalogue, pack, place / "figures.parquet")
        reports = [validate(accepted_files(settings, con)), validate_figures(str(place / "figures.parquet"))]
        found = [*intake_findings(settings, con), *(finding for report in reports for finding in report.findings)]
        decide(con, pack, found, [], contracts)
        seal(settings, pack, catalogue, con, months, f"{shift(months[-1], 2)}-01T00:00:00Z")
    refused = [f"{s.file}: {s.reason}" for s in taken if s.state == "refused" or s.rows_quarantined]
    return Sealed(settings, pack, open_release(settings, months[-1]), refused, place / "truth")


@pytest.mark.parametrize("name", MONTHS)
def test_a_county_of_any_pack_goes_the_whole_way(sealed: Callable[[str], Sealed], name: str) -> None:
    """Its files are taken as they come, the figures of its rules and targets are there, what is unknown is said, the release holds."""
    county = sealed(name)
    pack, root, figures, catalogue = county.pack, county.pack.area, county.figures, load_catalogue()
    period = county.release.period
    assert county.refused == []
    assert verify(county.settings, county.release) == []

    rules = pack.rules_in_force(period)
    asked = [("warned_households", f"rule={rule.rule}") for rule in rules]
    asked += [(target.indicator, target.breakdown) for target in pack.targets]
    waiting = {
        (indicator, breakdown): catalogue.waits_for(Cell(indicator, breakdown, *breakdown.split("=")), pack, period)
        for indicator, breakdown in asked
        if (indicator, root, breakdown) not in figures
    }
    # no figure only where a table of what happened, which nobody owes, has told nothing
    assert {cell for cell, extracts in waiting.items() if not occasional(extracts)} == set()
    for indicator, breakdown in set(asked) - set(waiting):
        figure = figures[indicator, root, breakdown]
        if figure["status"] == "published":  # a share of nobody has no value
            assert figure["value"] is not None or figure["denominator"] == 0, figure["id"]
        else:
            assert figure["reason"], figure["id"]

    registered = county.true(f"select count(*) from household where not marginal and joined <= '{period}'")
    shown = figures["registered_households", root, ""]
    assert (shown["status"], shown["value"]) == ("published", registered)
    parts = [
        figure["value"]
        for (code, area, cut), figure in figures.items()
        if (code, area) == ("poor_households", root) and cut
    ]
    assert sum(parts) == figures["poor_households", root, ""]["value"]
    assert len(parts) == len(pack.codes["cause"]) + 1, "one for each cause of the pack, and one for the unknown"


def test_a_rule_over_a_quarter_adds_up_the_months_that_the_release_holds(sealed: Callable[[str], Sealed]) -> None:
    release = sealed("invented").release
    with release.tables("int_rule_result") as con:
        answers = con.execute(
            "select rule__value, sum(m.medical__self_paid_yuan), count(m.medical__self_paid_yuan)"
            " from main.int_rule_result as r join main.int_household_month as m on m.subject = r.hh_id"
            f" where rule__rule = 'self_paid' and r.period = '{release.period}' group by r.hh_id, rule__value"
        ).fetchall()
    assert {value == total if months == 2 else value is None for value, total, months in answers} == {True}
    assert sum(value for value, _, _ in answers if value) > 0


def test_the_counties_of_a_prefecture_add_up_to_it(sealed: Callable[[str], Sealed]) -> None:
    """Four levels: what is counted is the sum over the counties; a share is of sums, never the mean of shares.

    What names no township, such as the prefecture's own projects, stands with the prefecture alone.
    """
    county = sealed("ganzhou")
    figures, root, catalogue = county.figures, county.pack.area, load_catalogue()
    counties = [area.code for area in county.pack.areas if area.parent == root]
    own = county.own_of(root)
    assert len(counties) == 18
    added = shares = unlike = 0
    for cell in {(code, cut) for code, _, cut in figures}:
        code, cut = cell
        figure, parts = figures[code, root, cut], [figures[code, c, cut] for c in counties if (code, c, cut) in figures]
        if {f["status"] for f in (figure, *parts)} != {"published"} or not parts:
            continue
        operands = catalogue.operands(Cell(code, cut, *cut.split("=")))
        if operands is None:
            apart = own.get(cell, (0, 0))
            for side, alone in zip(("numerator", "unknown"), apart, strict=True):
                assert sum(part[side] for part in parts) + alone == figure[side], cell
            added += 1
        elif (
            len(operands) == 2
            and not own.keys() & {(o.indicator, o.breakdown) for o in operands}
            and figure["denominator"]
        ):
            above, under = (sum(part[side] for part in parts) for side in ("numerator", "denominator"))
            derived = catalogue.indicators[code].derived
            assert derived and (above, under) == (figure["numerator"], figure["denominator"])
            exact = derived.scale * above / under
            assert figure["value"] == exact.quantize(Decimal(10) ** -derived.decimals, ROUND_HALF_UP), cell
            known = [part["value"] for part in parts if part["value"] is not None]
            unlike += sum(known) / len(known) != exact
            shares += 1
    assert added > 100 and shares > 10 and unlike > 5


def occasional(extracts: Any) -> bool:
    contracts = load_contracts()
    return any(contracts[extract].kind != "snapshot" for extract in extracts)
