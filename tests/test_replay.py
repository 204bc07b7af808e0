"""Replay: another pack over the same inputs, beside the published figures and never among them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import cli
from pipelines.policy import Pack, RuleEntry, load_pack
from pipelines.release import list_releases, open_release
from pipelines.replay import borrowed, replay
from pipelines.settings import PROJECT, Settings
from tests.conftest import rebuilt

MONTH, ROOT = "2020-12", "532822"


def shipped(name: str) -> Pack:
    return load_pack(PROJECT / "policies" / name)


def for_kind(pack: Pack, applies_to: str) -> Pack:
    """The pack with one rule only, for one kind of household."""
    entry: RuleEntry = pack.rule_entries[0].model_copy(update={"applies_to": applies_to})
    return pack.model_copy(update={"rule_entries": (entry,)})


@pytest.mark.parametrize(
    ("home", "other", "applies_to", "expected"),
    [
        ("menghai", "shuangjiang", "all", ["all"]),
        ("menghai", "shuangjiang", "unstable", ["monitored"]),  # one kind of each has the same common one
        ("ganzhou", "menghai", "registered", ["registered", "exited"]),
        ("menghai", "shuangjiang", "general", []),  # no kind here is like it
    ],
)
def test_a_borrowed_rule_is_for_the_kinds_of_household_that_have_the_same_common_one(
    home: str, other: str, applies_to: str, expected: list[str]
) -> None:
    given = for_kind(shipped(other), applies_to)
    rules = borrowed(shipped(home), given).rule_entries
    assert [rule.applies_to for rule in rules] == expected
    assert len({rule.rule for rule in rules}) == len(expected)


def test_a_borrowed_pack_keeps_this_countys_areas_and_words_and_has_the_others_settings() -> None:
    home, other = shipped("menghai"), shipped("shuangjiang")
    pack = borrowed(home, other)
    assert (pack.area, pack.areas, pack.codes) == (home.area, home.areas, home.codes)
    assert pack.in_force("monitor_line", "2020-12") == other.in_force("monitor_line", "2020-12")
    assert pack.in_force("monitor_line", "2020-12") is not None
    assert pack.in_force("village_income_line", "2020-12") is None  # a line of this county's document only
    assert (pack.name, pack.sha256) == (other.name, other.sha256)


def test_a_pack_that_is_not_there_is_refused_with_the_names_of_those_that_are() -> None:
    done = CliRunner().invoke(cli, ["replay", "--month", MONTH, "--policy", "atlantis"])
    assert done.exit_code == 2
    assert "atlantis" in done.output and "shuangjiang" in done.output


@pytest.mark.slow
def test_a_lower_line_warns_more_households_and_changes_no_release(
    sealed_home: Settings, workshop: Settings, tmp_path: Path
) -> None:
    shutil.copytree(PROJECT / "policies", tmp_path / "policies")
    path = tmp_path / "policies" / "menghai" / "settings.yml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("value: 5000, clause: MH20-014", "value: 500, clause: MH20-014"),
        encoding="utf-8",
    )
    before = {r.name: r.manifest for r in list_releases(sealed_home)}
    found = replay(sealed_home, MONTH, path.parent)
    assert found["replay"] is True
    assert found["published_under"]["sha256"] != found["replayed_under"]["sha256"]
    assert {r.name: r.manifest for r in list_releases(sealed_home)} == before

    changed = {(f["indicator"], f["breakdown"]): f for f in found["figures"] if f["differs"]}
    self_paid = changed["warned_households", "rule=mh20_self_paid"]
    published = open_release(sealed_home, MONTH).figure("warned_households", ROOT, "rule=mh20_self_paid")
    assert self_paid["published"] == published["value"] < self_paid["replayed"]
    assert {indicator for indicator, _ in changed} == {"warned_households"}

    settings = replace(workshop, policies=tmp_path / "policies")
    with rebuilt(settings, MONTH, found["as_of"]) as con:
        rebuilt_figures = {
            row[:2]: row[2]
            for row in con.execute(
                f"select indicator, breakdown, value from main.fct_figures where area = '{ROOT}'"
            ).fetchall()
        }
    for key, figure in changed.items():
        assert figure["replayed"] == rebuilt_figures[key]
