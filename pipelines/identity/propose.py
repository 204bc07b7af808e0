"""Proposals of who a row without a known id may be about, scored by Splink. Nothing is applied here, and no clear name leaves memory."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from pydantic import BaseModel, ConfigDict

from pipelines import yml
from pipelines.identity.lists import unplaced
from pipelines.intake import vault
from pipelines.intake.contract import NAMING, Contract
from pipelines.intake.keys import open_keys
from pipelines.intake.ledger import Ledger, Proposal, Submission
from pipelines.intake.receive import raw_file
from pipelines.periods import shift
from pipelines.policy import load_pack
from pipelines.release import Release
from pipelines.settings import Settings
from pipelines.sql import literal, literals
from pipelines.warehouse import bound_submissions
from pipelines.warehouse.naming import naming_of

COMPARED = ("name", "number", "birth", "household", "village")
Record = dict[str, str | None]  # unique_id and what is compared, in the clear


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Level(_Part):
    """One outcome of a comparison: its words, how often the same person comes out so, and its condition (none: all else)."""

    zh: str
    m: float
    when: str | None = None
    rare_counts_more: str | None = None


class Comparison(_Part):
    """What is compared, and its outcomes from the closest to all else."""

    title: str
    levels: dict[str, Level]


class Linkage(_Part):
    """linkage.yml."""

    owner: str
    dated: Any
    registered_share: float
    propose_from: float
    at_most: int
    pairs: int
    seed: int
    comparisons: dict[str, Comparison]
    candidates: tuple[str, ...]


@cache
def linkage() -> Linkage:
    """The settings of the comparison."""
    return Linkage.model_validate(yml.parse(Path(__file__).with_name("linkage.yml").read_text(encoding="utf-8")))


@dataclass(frozen=True)
class _Said:
    """Rows of an extract that say the same of whom they are about. ``hh_id`` None: they name no household that there is."""

    extract: str
    naming: str
    source: int
    rows_n: int
    about_head: bool
    name: str | None
    person_id: str | None
    hh_id: str | None
    village_code: str | None
    birth: str | None


@dataclass(frozen=True)
class _Registered:
    person_id: str
    name: str
    hh_id: str
    is_head: bool
    source: int
    village_code: str | None


def propose(settings: Settings, release: Release, contracts: Mapping[str, Contract], at: str) -> list[int]:
    """Compare the rows that a release could not place with the registered persons of its month; the numbers of new proposals.

    Only extracts that have a name beside the id can be compared: a person's beside person_id, the head's beside hh_id. Rows that
    say the same of their person share proposals; what was proposed before, whatever became of it, is not proposed again. ``at``:
    ISO time, UTC. Raises KeyTrouble, VaultError.
    """
    sources = unplaced(release)
    with Ledger(settings.ledger) as ledger:
        bound = bound_submissions(
            ledger, load_pack(settings.policy_dir), contracts, release.period, release.manifest["as_of"]
        )
        there = ledger.proposals()
    with _engine() as con:
        people = _registered(con, settings, contracts, bound, release.period)
        said = [
            s
            for extract, wanted in sources.items()
            for s in _said(con, settings, contracts[extract], bound, wanted, {p.hh_id for p in people.values()})
        ]
        if not said or not people:
            return []
        pairs = _scored(con, *_in_the_clear(settings, said, list(people.values())))
    known = {(p.period, p.extract, p.naming, p.person_id) for p in there}
    placed = {s.extract + s.naming: s for s in said}
    number = max((p.number for p in there), default=0)
    fresh: list[Proposal] = []
    best: dict[str, int] = {}
    for key, person_id, score, comparison in pairs:
        row, person = placed[key], people[person_id]
        if (row.about_head and not person.is_head) or best.get(key, 0) == linkage().at_most:
            continue
        best[key] = best.get(key, 0) + 1
        if (release.period, row.extract, row.naming, person_id) in known:
            continue
        number += 1
        fresh.append(
            Proposal(
                number=number,
                period=release.period,
                extract=row.extract,
                naming=row.naming,
                person_id=person_id,
                hh_id=person.hh_id if row.hh_id is None else None,
                source=row.source,
                rows_n=row.rows_n,
                register_source=person.source,
                score=f"{score:.4f}",
                comparison=comparison,
                proposed_at=at,
            )
        )
    with Ledger(settings.ledger) as ledger, ledger.writing():
        ledger.propose(fresh)
    return [p.number for p in fresh]


def _engine() -> duckdb.DuckDBPyConnection:
    """DuckDB in memory that never spills to disk: it holds names in the clear. One thread, so that the draw of pairs is the same."""
    return duckdb.connect(config={"threads": 1, "temp_directory": ""})


def _in_effect(bound: Sequence[Submission], contract: Contract, period: str) -> list[Submission]:
    """The submissions of an extract that speak for a month, the latest of each area."""
    latest: dict[str, Submission] = {}
    for s in sorted((s for s in bound if s.extract == contract.extract), key=lambda s: (s.period, s.number)):
        if s.period <= period <= shift(s.period, contract.stays_known_months - 1):
            latest[s.area] = s
    return list(latest.values())


def _parquet(settings: Settings, submissions: Iterable[Submission]) -> str:
    return f"read_parquet([{literals(raw_file(settings, s) for s in submissions)}], union_by_name = true)"


def _registered(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    contracts: Mapping[str, Contract],
    bound: Sequence[Submission],
    period: str,
) -> dict[str, _Registered]:
    """The persons of the month's register by pseudonym, with the village of their household."""
    people, homes = (_in_effect(bound, contracts[x], period) for x in ("person_register", "hh_register"))
    if not people or not homes:
        return {}
    rows = con.execute(
        f"""
        select p.person_id, p.person_name, p.hh_id, p.relation = 'head', p._source, h.village_code
        from {_parquet(settings, people)} as p
        left join (select hh_id, min(village_code) as village_code from {_parquet(settings, homes)} group by hh_id) as h using (hh_id)
        order by p._source desc
        """
    ).fetchall()
    return {row[0]: _Registered(*row) for row in rows}


def _said(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    contract: Contract,
    bound: Sequence[Submission],
    wanted: Sequence[int],
    homes: set[str],
) -> list[_Said]:
    """The rows at these addresses, drawn together where they say the same; those without a name to compare are left out."""
    person = {"person_id", "person_name"} <= contract.naming
    if not person and not {"hh_id", "head_name"} <= contract.naming:
        return []
    columns = {c: f"r.{c}" if c in contract.naming else "cast(null as varchar)" for c in NAMING}
    birth = "cast(r.birth_date as varchar)" if "birth_date" in dict(contract.schema()) else "cast(null as varchar)"
    submissions = [s for s in bound if s.extract == contract.extract]
    rows = con.execute(
        f"""
        select {naming_of(contract, "r")}, min(r._source), count(*), {columns["person_name" if person else "head_name"]} as name,
            {columns["person_id"]} as person_id, {columns["hh_id"]} as hh_id, {columns["village_code"]} as village_code, min({birth})
        from {_parquet(settings, submissions)} as r
        where r._source in ({literals(wanted)})
        group by 1, name, person_id, hh_id, village_code
        order by 2
        """
    ).fetchall()
    return [
        _Said(
            contract.extract,
            naming,
            source,
            n,
            not person,
            name,
            person_id,
            hh_id if hh_id in homes else None,
            village,
            born,
        )
        for naming, source, n, name, person_id, hh_id, village, born in rows
        if name and (person or hh_id not in homes)
    ]


def _in_the_clear(
    settings: Settings, said: Sequence[_Said], people: Sequence[_Registered]
) -> tuple[list[Record], list[Record]]:
    """What is compared, of rows and of persons, with the texts that the vault holds."""
    pseudonyms = {p for s in said for p in (s.name, s.person_id) if p} | {
        x for p in people for x in (p.name, p.person_id)
    }
    texts = {
        p: named.value
        for p, named in vault.look_up(settings.vault, open_keys(settings).vault, sorted(pseudonyms)).items()
    }
    rows: list[Record] = [
        {
            "unique_id": s.extract + s.naming,
            "name": texts.get(s.name or ""),
            "number": texts.get(s.person_id or ""),
            "birth": s.birth,
            "household": s.hh_id,
            "village": s.village_code if s.hh_id is None else None,
        }
        for s in said
    ]
    persons: list[Record] = [
        {
            "unique_id": p.person_id,
            "name": texts.get(p.name),
            "number": (number := texts.get(p.person_id)),
            "birth": number and f"{number[6:10]}-{number[10:12]}-{number[12:14]}",
            "household": p.hh_id,
            "village": p.village_code,
        }
        for p in people
    ]
    return rows, persons


def _scored(
    con: duckdb.DuckDBPyConnection, rows: list[Record], persons: list[Record]
) -> list[tuple[str, str, float, dict[str, str]]]:
    """Pairs of row and person from ``propose_from`` on: unique ids, probability, what was compared; the likeliest of a row first.

    How often two persons agree by chance is counted among the registered, who are all different.
    """
    import splink

    logging.getLogger("splink").setLevel(logging.ERROR)
    law = linkage()
    for table, records in (("said", rows), ("person", persons)):
        kinds = json.dumps([dict.fromkeys(("unique_id", *COMPARED), "VARCHAR")])
        content = literal(json.dumps(records, ensure_ascii=False))
        con.execute(f"create table {table} as select unnest(from_json({content}, {literal(kinds)}), recursive := true)")
    api = splink.DuckDBAPI(con)
    trained = splink.Linker("person", _model("dedupe_only", law, 0.0001), api, set_up_basic_logging=False)
    trained.training.estimate_u_using_random_sampling(max_pairs=law.pairs, seed=law.seed)
    model = trained.misc.save_model_to_json()
    drawn = min(law.pairs, len(persons) * (len(persons) - 1) // 2)
    for level in (level for comparison in model["comparisons"] for level in comparison["comparison_levels"]):
        if not level.get("is_null_level"):  # what no pair showed is rare, not impossible
            level["u_probability"] = max(level.get("u_probability") or 0, 1 / (drawn + 1))
    model |= {
        "link_type": "link_only",
        "probability_two_random_records_match": law.registered_share / len(persons),
    }
    linker = splink.Linker(
        ["said", "person"], model, api, set_up_basic_logging=False, input_table_aliases=["a_row", "b_person"]
    )
    found = linker.inference.predict(threshold_match_probability=law.propose_from)
    gammas = [f"gamma_{name}" for name in law.comparisons]
    pairs = con.execute(
        f"select unique_id_l, unique_id_r, match_probability, {', '.join(gammas)} from {found.physical_name}"
        " order by unique_id_l, match_probability desc, unique_id_r"
    ).fetchall()
    return [(row, person, score, _worded(law, outcome)) for row, person, score, *outcome in pairs]


def _model(link_type: str, law: Linkage, prior: float) -> dict[str, Any]:
    """The comparisons of linkage.yml as Splink's settings."""
    comparisons = []
    for name, comparison in law.comparisons.items():
        levels: list[dict[str, Any]] = [
            {
                "sql_condition": f"{name}_l is null or {name}_r is null",
                "label_for_charts": "null",
                "is_null_level": True,
            }
        ]
        for label, level in comparison.levels.items():
            condition = {"sql_condition": level.when or "else", "label_for_charts": label, "m_probability": level.m}
            rare = {"tf_adjustment_column": level.rare_counts_more, "tf_adjustment_weight": 1.0}
            levels.append(condition | (rare if level.rare_counts_more else {}))
        comparisons.append({"output_column_name": name, "comparison_levels": levels})
    return {
        "link_type": link_type,
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": prior,
        "comparisons": comparisons,
        "blocking_rules_to_generate_predictions": [_aliased(rule) for rule in law.candidates],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": False,
    }


def _aliased(rule: str) -> str:
    """``name_l = name_r`` as Splink writes a rule of candidates: ``l.name = r.name``."""
    return re.sub(r"\b(\w+)_([lr])\b", r"\2.\1", rule)


def _worded(law: Linkage, outcome: Sequence[int]) -> dict[str, str]:
    """What was compared → how it came out; what one side lacks is left out. Splink numbers levels down to 0, and −1 for lacking."""
    found = zip(law.comparisons.values(), outcome, strict=True)
    return {c.title: list(c.levels.values())[len(c.levels) - 1 - level].zh for c, level in found if level >= 0}
