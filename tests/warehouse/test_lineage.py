"""The promise: contributions add up to figures, evidence is neither too little nor too much, dependencies are the declared ones."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
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
from pipelines.sql import literal, literals
from pipelines.warehouse import compiled_models, prepare, run_compiled

MONTH = "2020-12"
AS_OF = "2021-02-01T00:00:00Z"
EXTRACTS = sorted(x for x in load_catalogue().awaited if load_contracts()[x].kind != "occasional")
Key = tuple[str, str, str]
NAMED = re.compile(r"\b((?:raw|build|policy|main)\.\w+)")
PRINT = "select count(*), sum(hash(t)::hugeint) from {table} as t where {where}"
ASKED = re.compile(r"\bextract\b[^'\n]*?((?:'\w+'(?:, )?)+)")  # which extracts are asked for, or how they begin
VIEWS = "select schema_name || '.' || view_name, sql from duckdb_views() where database_name ="
COMPARED = """
    select
        indicator, area, breakdown,
        (n.value, n.numerator, n.denominator, n.unknown) is distinct from (k.value, k.numerator, k.denominator, k.unknown) as moved,
        n.value is distinct from k.value as value_moved
    from main.fct_figures as n full join kept.fct_figures as k using (indicator, area, breakdown)
"""


class Whole:
    """The candidate of the last month as it is, in which a change of what is bound can be tried and taken back.

    Only what reads something that changed is made again, so that trying costs seconds: what else there is has the same inputs.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.models = compiled_models(settings)
        self.bind()
        place = settings.home / "whole" / settings.candidate.name
        place.parent.mkdir()
        settings.candidate.rename(place)
        self.con = duckdb.connect(str(place))
        run_compiled(self.con, self.models)
        self.con.execute("create schema kept; create table kept.fct_figures as from main.fct_figures")
        self.made = self.prints()

    def bind(self, without: Collection[str] = ()) -> None:
        pack = load_pack(self.settings.policy_dir)
        prepare(self.settings, pack, load_contracts(), load_catalogue(), [MONTH], AS_OF, without)

    @contextmanager
    def without(self, extract: str) -> Iterator[None]:
        """An extract is bound empty."""
        self.bind({extract})
        self.con.execute(f"attach {literal(self.settings.candidate)} as bound (read_only)")
        with self._tried():
            self.remake(*self._rebound(extract), extract)
            yield
        self.con.execute("detach bound")

    @contextmanager
    def deleted(self, *rows: int) -> Iterator[None]:
        """Source rows are not there."""
        extracts = {
            extract
            for row in rows
            for (extract,) in self._rows(f"select extract from build.binding where submission = {unpack(row)[0]}")
        }
        with self._tried():
            for extract in extracts:
                self.con.execute(f"alter view raw.{extract} rename to whole_{extract}")
                self.con.execute(
                    f"create view raw.{extract} as select * from raw.whole_{extract} where _source not in ({literals(rows)})"
                )
            self.remake({f"raw.{extract}" for extract in extracts})
            yield

    def remake(self, changed: set[str], keyed: Collection[str] = (), extract: str = "") -> None:
        """Make again what reads what changed (named as ``schema.name``), for as long as it comes out differently.

        ``keyed``: of what changed, that in which only the rows of the ``extract`` did.
        """
        views = dict(self._rows(f"{VIEWS} 'warehouse' and schema_name <> 'main'"))
        while reading := {n for n, text in views.items() if n not in changed and _reads(text, changed, keyed, extract)}:
            changed |= reading
        for model in self.models:
            if not _reads(model.sql, changed, keyed, extract):
                continue
            name = f"main.{model.name}"
            if model.materialized != "view":
                run_compiled(self.con, [model])
                if self._print(name) == self.made[model.name]:
                    continue
            changed.add(name)

    def prints(self) -> dict[str, tuple[Any, ...]]:
        """What tells the rows of each model's table from other rows."""
        return {m.name: self._print(f"main.{m.name}") for m in self.models if m.materialized != "view"}

    def moved(self, which: str = "moved") -> set[Key]:
        """The figures that are not as they were."""
        return set(self._rows(f"select indicator, area, breakdown from ({COMPARED}) where {which}"))

    @contextmanager
    def _tried(self) -> Iterator[None]:
        self.con.execute("begin")
        try:
            yield
        finally:
            self.con.execute("rollback")

    def _rebound(self, extract: str) -> tuple[set[str], set[str]]:
        """Bind as in the database ``bound``: what changed, and that of it where only rows of the extract did."""
        changed, keyed = set(), set()
        before = dict(self._rows(f"{VIEWS} 'warehouse'"))
        for name, text in self._rows(f"{VIEWS} 'bound'"):
            if text != before[name]:
                self.con.execute(text.replace("CREATE VIEW", "create or replace view", 1))
                changed.add(name)
        for name, by_extract in self._rows(
            "select t.schema_name || '.' || t.table_name, bool_or(c.column_name = 'extract') from duckdb_tables() as t"
            " join duckdb_columns() as c using (database_name, table_oid) where t.database_name = 'bound' group by all"
        ):
            if self._print(name) == self._print(f"bound.{name}"):
                continue
            others = f"extract <> {literal(extract)}" if by_extract else "false"
            if by_extract and self._print(name, others) == self._print(f"bound.{name}", others):
                keyed.add(name)
            changed.add(name)
            self.con.execute(f"create or replace table {name} as from bound.{name}")
        return changed, keyed

    def _print(self, table: str, where: str = "true") -> tuple[Any, ...]:
        return self._rows(PRINT.format(table=table, where=where))[0]

    def _rows(self, query: str) -> list[Any]:
        return self.con.execute(query).fetchall()


def _reads(sql: str, changed: Collection[str], keyed: Collection[str], extract: str) -> bool:
    """Whether a query reads something that changed; where that has rows of several extracts, not those of a named other one."""
    parts = NAMED.split(sql.replace('"', "").replace("warehouse.", ""))
    for name, after in zip(parts[1::2], parts[2::2], strict=True):
        if name not in changed:
            continue
        asked = ASKED.search(after) if name in keyed else None
        if not asked or any(extract.startswith(word) for word in re.findall(r"\w+", asked[1])):
            return True
    return False


@pytest.fixture(scope="module")
def whole(sealed_home: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    home = tmp_path_factory.mktemp("whole")
    (home / "raw").symlink_to(sealed_home.home / "raw")
    shutil.copytree(sealed_home.build, home / "build")
    shutil.copy2(sealed_home.ledger, home / "ledger.sqlite")
    made = Whole(Settings(home=home))
    yield made
    made.con.close()


@pytest.mark.parametrize("extract", EXTRACTS)
def test_an_extract_bound_empty_withholds_what_depends_on_it_and_nothing_else(extract: str, whole: Whole) -> None:
    contracts, pack, con = load_contracts(), load_pack(whole.settings.policy_dir), whole.con
    with whole.without(extract):
        decide(con, pack, [], [], contracts)
        waits = con.execute("select extract, indicator, breakdown from build.dependency").fetchall()
        sent = {extract} | {name for (name,) in con.execute("select extract from build.binding").fetchall()}
        unset = set(con.execute("select indicator, breakdown from build.unset").fetchall())
        decided = con.execute(
            f"""
            select indicator, breakdown, decision, bool_and(contains(reason, ?)), bool_or(moved)
            from ({COMPARED}) join publish.decision using (indicator, area, breakdown) group by all
            """,
            [contracts[extract].title.zh],
        ).fetchall()
        moved = whole.moved()
    depends = {(i, b) for name, i, b in waits if name == extract}
    silent = {
        (i, b) for name, i, b in waits if name not in sent
    } | unset  # match rates of tables that this county does not send; lines that it has not set
    decided = [d for d in decided if d[:2] not in silent]
    assert depends
    assert {(i, b) for i, b, decision, _, _ in decided if decision == "withhold"} == depends - silent
    for indicator, breakdown, decision, is_named, is_moved in decided:
        assert is_named if decision == "withhold" else not is_moved, (indicator, breakdown, decision)
    with Ledger(whole.settings.ledger) as ledger:
        sent_rows = [(s.period, s.rows_accepted) for s in ledger.submissions(state="accepted") if s.extract == extract]
    known_for = contracts[extract].stays_known_months
    if any(rows for period, rows in sent_rows if period <= MONTH < shift(period, known_for)):
        assert moved, "bound empty, it changes nothing: the dependency is not real"


@pytest.mark.parametrize("extract", random.Random(2020).sample(EXTRACTS, 2))
def test_what_is_made_again_is_all_that_a_build_makes_otherwise(extract: str, whole: Whole) -> None:
    with whole.without(extract):
        tried = whole.prints()
    with duckdb.connect(str(whole.settings.candidate)) as con:
        run_compiled(con, whole.models)
        built = {name: con.execute(PRINT.format(table=f"main.{name}", where="true")).fetchone() for name in tried}
    assert tried == built


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


def test_deleting_a_row_changes_the_figures_whose_evidence_holds_it_and_no_other(whole: Whole) -> None:
    """A row may also be one of several of which each would do (two who can work): without all of them the figure changes."""
    draw = random.Random(2020)
    con = whole.con
    held = evidence_of(con)
    there = set(con.execute("select indicator, area, breakdown from main.fct_figures").fetchall())
    keys = sorted(held.keys() & there)  # some are for the county alone
    drawn = [draw.choice(sorted(held[draw.choice(keys)])) for _ in range(12)]
    alike = alike_of(con, drawn)
    compares = {code for code, subject in load_catalogue().subject.items() if subject.compares}
    tries = hits = 0
    unmoved: dict[int, set[Key]] = {}
    for row in drawn:
        with whole.deleted(row):
            moved, values = whole.moved(), whole.moved("value_moved")
        behind = {key for key in keys if row in held[key]}
        moved &= set(keys)
        outside = {key for key in moved - behind if key in values and key[0] not in compares}
        assert not outside, (row, outside)
        unmoved[row] = behind - moved
        tries, hits = tries + len(behind), hits + len(behind & moved)
    others = {other for row, left in unmoved.items() for code, _, _ in left for other in alike[row, code]}
    with whole.deleted(*sorted(others)):
        moved = whole.moved()
    hits += sum(key in moved for left in unmoved.values() for key in left)
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
