"""Replay: the figures that a past month would have had under another policy pack, beside the published ones.

Built from the inputs that the release saw, in a place of its own that is thrown away: nothing of it is sealed, and nothing in the data
folder changes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from pipelines.findings import Finding
from pipelines.gate import decide
from pipelines.indicators import Catalogue, load_catalogue
from pipelines.intake.contract import load_contracts
from pipelines.policy import Pack, RuleEntry, load_pack
from pipelines.release import Release, ReleaseError, open_release
from pipelines.release.read import number
from pipelines.settings import Settings
from pipelines.sql import literal
from pipelines.warehouse import compiled_models, prepare, run_compiled
from pipelines.warehouse.dbt import target_path

HH_TYPE = "hh_type"
FIGURES = """
    select f.indicator, f.breakdown, f.area, a.name, d.decision = 'publish', f.value, coalesce(d.reason, d.note)
    from main.fct_figures as f
    join publish.decision as d using (period, indicator, breakdown, area)
    join policy.area as a on a.code = f.area
    where f.period = {period} and f.area = {area}
    order by f.indicator, f.breakdown
"""


def replay(
    settings: Settings, period: str, policy: Path, area: str | None = None, revision: int | None = None
) -> dict[str, Any]:
    """The figures of one area side by side: ``{replay: true, release, as_of, published_under, replayed_under, area, area_name,
    figures: [{indicator, title, unit, breakdown, breakdown_title, published, published_status, replayed, replayed_status, note,
    differs}], idle: [{kind, name, clause, why}]}``.

    ``policy`` is the folder of a pack: another version of this county's, or another county's, whose rules and settings are then
    applied to this county's areas, codes and calendar (``borrowed``). A figure that one side does not have has None for value and
    status. ``idle`` are the rules and targets of the replayed pack that do nothing in the month. Raises ReleaseError when there is no such
    release or area, PolicyError and IndicatorError for a pack that does not hold together.
    """
    release = open_release(settings, period, revision)
    home, given = load_pack(settings.policy_dir), load_pack(policy)
    pack = given if given.area == home.area else borrowed(home, given)
    area = area or release.definitions["pack"]["area"]
    area_name = release.area_name(area)
    catalogue = load_catalogue()
    with _built(settings, release, pack, catalogue) as con:
        rows = con.execute(FIGURES.format(period=literal(period), area=literal(area))).fetchall()
    published = {(f["indicator"], _cut(f)): f for f in release.figures(area=area)}
    replayed = {row[:2]: row[4:] for row in rows}
    return {
        "replay": True,
        "release": release.name,
        "as_of": release.manifest["as_of"],
        "published_under": release.manifest["policy"],
        "replayed_under": {"name": given.name, "sha256": pack.sha256},
        "area": area,
        "area_name": area_name,
        "figures": [
            _line(release, pack, catalogue, key, published.get(key), replayed.get(key))
            for key in dict.fromkeys([*published, *replayed])
        ],
        "idle": [idle.model_dump() for idle in pack.idle(period)],
    }


def borrowed(home: Pack, other: Pack) -> Pack:
    """This county's pack with the rules and settings of another county's.

    Areas, codes, departments, plan, targets and duties stay: the data are written in them. A rule for one kind of household is for the
    kinds here that have the same common one (``common_hh_type``), under a name of its own for each where there are several; for none,
    it is left out.
    """
    rules = [version for entry in other.rule_entries for version in _for_kinds_of(home, other, entry)]
    of_duties = {duty.setting for duty in home.duties}
    kept = {name: about for name, about in home.settings.items() if name in of_duties}
    changed = {
        "name": other.name,
        "documents": (*other.documents, *(d for d in home.documents if d not in other.documents)),
        "clauses": home.clauses | other.clauses,
        "settings": kept | other.settings,
        "rule_entries": tuple(rules),
        "target_entries": (),
        "sha256": other.sha256,
    }
    # made anew: a copy would keep what the home pack has worked out and remembered
    return Pack.model_construct(**(dict(home) | changed)).resolved()


def _for_kinds_of(home: Pack, other: Pack, entry: RuleEntry) -> Iterator[RuleEntry]:
    if entry.applies_to == "all":
        yield entry
        return
    common = other.codes[HH_TYPE][entry.applies_to].common
    kinds = [kind for kind, about in home.codes[HH_TYPE].items() if common and about.common == common]
    for kind in kinds:
        name = entry.rule if len(kinds) == 1 else f"{entry.rule}_{kind}"
        yield entry.model_copy(update={"rule": name, "applies_to": kind})


@contextmanager
def _built(
    settings: Settings, release: Release, pack: Pack, catalogue: Catalogue
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A candidate of the release's month over the inputs that it saw, decided upon, in a folder that is gone afterwards."""
    if not (target_path(settings) / "manifest.json").exists():
        raise ReleaseError(f"还没有编译过的模型；先运行 fangpin refresh --month {release.period}")
    models = compiled_models(settings)
    with TemporaryDirectory(prefix="fangpin-replay-") as folder:
        aside = Settings(home=Path(folder), policy=settings.policy, policies=settings.policies)
        os.symlink(settings.raw, aside.raw)
        shutil.copy2(settings.ledger, aside.ledger)
        contracts = load_contracts()
        prepare(aside, pack, contracts, catalogue, [release.period], release.manifest["as_of"])
        with duckdb.connect(str(aside.candidate)) as con:
            run_compiled(con, models)
            decide(con, pack, _findings(release), [], contracts)
            yield con


def _findings(release: Release) -> list[Finding]:
    """What the checks found for the release and nobody waived: they are about the data, not about the pack."""
    names = [field.name for field in fields(Finding)]
    return [
        Finding(**{name: row[name] for name in names} | {"indicators": tuple(row["indicators"] or ())})
        for row in release.findings()
        if not row["waived"]
    ]


def _line(
    release: Release,
    pack: Pack,
    catalogue: Catalogue,
    key: tuple[str, str],
    was: dict[str, Any] | None,
    now: tuple[Any, ...] | None,
) -> dict[str, Any]:
    indicator, cut = key
    about = catalogue.indicators.get(indicator)
    decimals = catalogue.decimals(indicator) if about else 0
    publish, value, said = now or (None, None, None)
    value = number(value, decimals) if publish else None
    status = None if publish is None else "published" if publish else "withheld"
    dim, _, code = cut.partition("=")
    rule = {r.rule: r.title.zh for r in pack.rules}.get(code) if dim == "rule" else None
    return {
        "indicator": indicator,
        "title": was["title"] if was else about.title.zh if about else indicator,
        "unit": was["unit"] if was else about.unit.zh if about else "",
        "breakdown": cut,
        "breakdown_title": rule or (release.breakdown_title(indicator, cut) if was else code),
        "published": was and was["value"],
        "published_status": was and was["status"],
        "replayed": value,
        "replayed_status": status,
        "note": said,
        "differs": (was and was["value"], was and was["status"]) != (value, status),
    }


def _cut(figure: dict[str, Any]) -> str:
    return "".join(f"{dim}={value}" for dim, value in figure["breakdown"].items())
