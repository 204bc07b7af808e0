"""The promise: contributions add up to figures, evidence is neither too little nor too much, dependencies are the declared ones."""

from __future__ import annotations

import random
from collections.abc import Collection
from typing import Any

import duckdb
import pytest

from pipelines.gate import decide
from pipelines.indicators import load_catalogue
from pipelines.intake.address import unpack
from pipelines.intake.contract import load_contracts
from pipelines.intake.ledger import Ledger
from pipelines.periods import shift
from pipelines.policy import load_pack
from pipelines.settings import Settings
from pipelines.warehouse import compiled_models, prepare, run_compiled

MONTH = "2020-12"
AS_OF = "2021-02-01T00:00:00Z"
EXTRACTS = sorted(x for x in load_catalogue().awaited if load_contracts()[x].kind != "occasional")
Key = tuple[str, str, str]


def build(
    settings: Settings, without: Collection[str] = (), deleted: Collection[int] = ()
) -> duckdb.DuckDBPyConnection:
    """The candidate of the last month, with extracts bound empty or source rows deleted, built by the compiled SQL."""
    pack, contracts, catalogue = load_pack(settings.policy_dir), load_contracts(), load_catalogue()
    models = compiled_models(settings)
    prepare(settings, pack, contracts, catalogue, [MONTH], AS_OF, without)
    con = duckdb.connect(str(settings.candidate))
    if deleted:
        rows = ", ".join(map(str, deleted))
        for extract in contracts:
            con.execute(f"create view raw.whole_{extract} as {_view(con, extract)}")
            con.execute(
                f"create or replace view raw.{extract} as select * from raw.whole_{extract} where _source not in ({rows})"
            )
    run_compiled(con, models)
    return con


def _view(con: duckdb.DuckDBPyConnection, extract: str) -> str:
    row = con.execute(
        "select sql from duckdb_views() where schema_name = 'raw' and view_name = ?", [extract]
    ).fetchone()
    assert row
    return str(row[0]).split(" AS ", 1)[1].rstrip(";")


def figures(con: duckdb.DuckDBPyConnection) -> dict[Key, tuple[Any, ...]]:
    rows = con.execute(
        "select indicator, area, breakdown, value, numerator, denominator, unknown from main.fct_figures"
    ).fetchall()
    return {row[:3]: row[3:] for row in rows}


@pytest.fixture(scope="module")
def whole(sealed_home: Settings, tmp_path_factory: pytest.TempPathFactory) -> dict[Key, tuple[Any, ...]]:
    import shutil

    home = tmp_path_factory.mktemp("whole")
    (home / "raw").symlink_to(sealed_home.home / "raw")
    shutil.copytree(sealed_home.build, home / "build")
    shutil.copy2(sealed_home.ledger, home / "ledger.sqlite")
    with build(Settings(home=home)) as con:
        return figures(con)


@pytest.mark.parametrize("extract", EXTRACTS)
def test_an_extract_bound_empty_withholds_what_depends_on_it_and_nothing_else(
    extract: str, workshop: Settings, whole: dict[Key, tuple[Any, ...]]
) -> None:
    contracts, pack = load_contracts(), load_pack(workshop.policy_dir)
    with build(workshop, without={extract}) as con:
        decide(con, pack, [], [], contracts)
        waits = con.execute("select extract, indicator, breakdown from build.dependency").fetchall()
        sent = {extract} | {name for (name,) in con.execute("select extract from build.binding").fetchall()}
        decisions = con.execute("select indicator, area, breakdown, decision, reason from publish.decision").fetchall()
        unset = set(con.execute("select indicator, breakdown from build.unset").fetchall())
        now = figures(con)
    depends = {(i, b) for name, i, b in waits if name == extract}
    silent = {
        (i, b) for name, i, b in waits if name not in sent
    } | unset  # match rates of tables that this county does not send; lines that it has not set
    decisions = [d for d in decisions if (d[0], d[2]) not in silent]
    assert depends
    assert {(i, b) for i, _, b, decision, _ in decisions if decision == "withhold"} == depends - silent
    for indicator, area, breakdown, decision, reason in decisions:
        if decision == "withhold":
            assert contracts[extract].title.zh in reason
        else:
            assert now[indicator, area, breakdown] == whole[indicator, area, breakdown]
    with Ledger(workshop.ledger) as ledger:
        sent_rows = [(s.period, s.rows_accepted) for s in ledger.submissions(state="accepted") if s.extract == extract]
    known_for = contracts[extract].stays_known_months
    if any(rows for period, rows in sent_rows if period <= MONTH < shift(period, known_for)):
        assert any(now[key] != value for key, value in whole.items()), (
            "bound empty, it changes nothing: the dependency is not real"
        )


def evidence_of(con: duckdb.DuckDBPyConnection) -> dict[Key, set[int]]:
    """Evidence of every additive figure of the month with a value above zero, by key."""
    topics = con.execute("select distinct topic from build.indicator order by topic").fetchall()
    union = " union all by name ".join(f"select * from main.{topic}" for (topic,) in topics)
    rows = con.execute(
        f"""
        select c.indicator, a.ancestor, c.breakdown, list_distinct(flatten(list(c.evidence)))
        from ({union}) as c join build.indicator as i using (indicator) join policy.area_closure as a on a.descendant = c.area_code
        join build.window_start as w on w.time_window = i.time_window and c.period between w.since and w.until
        where w.period = ? and c.numerator > 0 group by all
        """,
        [MONTH],
    ).fetchall()
    return {row[:3]: set(row[3]) for row in rows}


def test_deleting_a_row_changes_the_figures_whose_evidence_holds_it_and_no_other(
    workshop: Settings, whole: dict[Key, tuple[Any, ...]]
) -> None:
    """A row may also be one of several of which each would do (two who can work): without all of them the figure changes."""
    draw = random.Random(2020)
    with build(workshop) as con:
        held = evidence_of(con)
        keys = sorted(held.keys() & whole.keys())  # some are for the county alone
        drawn = [draw.choice(sorted(held[draw.choice(keys)])) for _ in range(12)]
        alike = alike_of(con, drawn)
    compares = {code for code, subject in load_catalogue().subject.items() if subject.compares}
    tries = hits = 0
    unmoved: dict[int, set[Key]] = {}
    for row in drawn:
        with build(workshop, deleted=[row]) as con:
            now = figures(con)
        behind = {key for key in keys if row in held[key]}
        moved = {key for key in keys if now[key] != whole[key]}
        outside = {key for key in moved - behind if now[key][0] != whole[key][0] and key[0] not in compares}
        assert not outside, (row, outside)
        unmoved[row] = behind - moved
        tries, hits = tries + len(behind), hits + len(behind & moved)
    others = {other for row, left in unmoved.items() for code, _, _ in left for other in alike[row, code]}
    with build(workshop, deleted=sorted(others)) as con:
        now = figures(con)
    hits += sum(now[key] != whole[key] for left in unmoved.values() for key in left)
    assert hits >= 0.9 * tries, f"{hits} of {tries}"


def alike_of(con: duckdb.DuckDBPyConnection, drawn: list[int]) -> dict[tuple[int, str], set[int]]:
    """By row and indicator: the rows of its submission that stand beside it in the evidence of what it is counted in."""
    union = " union all by name ".join(f"select * from main.{topic}" for topic in load_catalogue().topics)
    rows = con.execute(
        f"select indicator, evidence from ({union}) where period = ? and list_has_any(evidence, ?)", [MONTH, drawn]
    ).fetchall()
    found: dict[tuple[int, str], set[int]] = {}
    for indicator, evidence in rows:
        for row in set(drawn) & set(evidence):
            same = {other for other in evidence if unpack(other)[0] == unpack(row)[0]}
            found[row, indicator] = found.get((row, indicator), set()) | same
    return found


def test_contributions_add_up_to_every_additive_figure(sealed_home: Settings) -> None:
    from pipelines.release import list_releases

    for release in list_releases(sealed_home)[::9]:
        additive = {code: i for code, i in release.definitions["indicators"].items() if i["kind"] == "additive"}
        for code, indicator in additive.items():
            published = {
                (f["area"], f["breakdown"].__repr__()): f for f in release.figures(code) if f["status"] == "published"
            }
            with release.tables(indicator["topic"]) as con:
                rows = con.execute(
                    f"""
                    select a.ancestor, c.breakdown, sum(c.numerator) from main.{indicator["topic"]} as c
                    join policy.area_closure as a on a.descendant = c.area_code
                    where c.indicator = ? and c.period between ? and ? group by all
                    """,
                    [code, *release.span(code)],
                ).fetchall()
            sums = {(area, repr(dict([cut.split("=", 1)]) if cut else {})): total for area, cut, total in rows}
            for key, figure in published.items():
                assert figure["value"] == float(sums.get(key) or 0), (release.name, code, key)
