"""A refresh in process: releases sealed, and everything that it did stands in the operator's Dagster instance."""

from __future__ import annotations

import dagster as dg
import pytest

from pipelines.definitions import build_defs
from pipelines.defs.refresh import dagster_home, refresh
from pipelines.defs.room import Room
from pipelines.intake.contract import load_contracts
from pipelines.periods import MonthError
from pipelines.policy import load_pack
from pipelines.settings import Settings
from pipelines.simulate import simulate

MONTHS = ["2017-12", "2018-01"]
AS_OF = "2018-03-01T00:00:00Z"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    settings = Settings(tmp_path_factory.mktemp("county"))
    simulate(settings.landing, load_pack(settings.policy_dir), load_contracts(), MONTHS, households=900)
    return settings


@pytest.fixture(scope="module")
def done(county):
    heard = []
    return refresh(county, MONTHS, AS_OF, lambda what, share: heard.append(share)), heard


@pytest.fixture(scope="module")
def instance(county, done):
    with dg.DagsterInstance.from_config(str(dagster_home(county))) as instance:
        yield instance


def test_each_month_gets_a_release(done):
    assert [(s.release.name, s.is_new) for s in done[0].sealed] == [("2017-12/r1", True), ("2018-01/r1", True)]


def test_the_clean_county_has_no_error(done):
    assert done[0].findings.get("error", 0) == 0


def test_progress_only_grows_and_ends(done):
    assert done[1] == sorted(done[1])
    assert done[1][-1] == 1.0


def test_the_split_of_the_time_names_every_part(done):
    assert set(done[0].timings) == {"imports", "intake", "dbt", "checks", "seal", "dagster"}


def test_every_asset_was_materialised_in_every_month(county, instance):
    defs = build_defs(Room(county))
    for asset in defs.resolve_asset_graph().get_all_asset_keys():
        monthly = defs.resolve_asset_graph().get(asset).is_partitioned
        assert set(instance.get_materialized_partitions(asset)) == (set(MONTHS) if monthly else set()), asset
        assert instance.get_latest_materialization_event(asset), asset


def test_checks_stand_with_their_assets(county, instance):
    keys = build_defs(Room(county)).resolve_asset_graph().asset_check_keys
    summaries = instance.event_log_storage.get_latest_asset_check_execution_by_key(list(keys))
    judged = {key.name for key in summaries if summaries[key].event}
    assert "self_paid_is_not_more_than_total_cost" in judged
    assert "what_was_sent_is_accepted" in judged
    assert any(key.asset_key.path == ["fct_figures"] for key in summaries)


def test_the_runs_say_what_was_asked(instance):
    runs = instance.get_runs()
    assert [run.job_name for run in runs] == ["publish", "transform", "intake"]
    assert {run.tags["fangpin/months"] for run in runs} == {"2017-12:2018-01"}


def test_a_second_refresh_seals_nothing_new(county, done):
    again = refresh(county, MONTHS, AS_OF)
    assert [(s.release.name, s.is_new) for s in again.sealed] == [("2017-12/r1", False), ("2018-01/r1", False)]


@pytest.mark.parametrize("months", [[], ["2017-11"], ["2018-01", "2018-03"], ["2018-02", "2018-01"]])
def test_months_that_cannot_be_built_are_refused(tmp_path, months):
    with pytest.raises(MonthError, match="2017-12"):
        refresh(Settings(tmp_path), months, AS_OF)
