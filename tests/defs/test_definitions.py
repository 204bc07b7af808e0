"""The code location: what Dagster shows is what the system has."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from expectations import SUITES, checks_of
from expectations.child import Child
from pipelines.defs.refresh import dagster_home
from pipelines.defs.transform import manifest
from pipelines.quality import RanTest, findings_of_tests
from pipelines.settings import Settings

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def graph(defs):
    return defs.resolve_asset_graph()


def test_every_department_extract_model_and_release_is_an_asset(graph, installation):
    contracts = installation.contracts.values()
    expected = {("intake", c.department) for c in contracts} | {("intake", "unrecognised")}
    expected |= {("raw", c.extract) for c in contracts} | {("binding",)}
    nodes = manifest(installation)["nodes"].values()
    expected |= {
        (n["name"],) for n in nodes if n["resource_type"] == "model" and n["config"]["materialized"] != "ephemeral"
    }
    expected |= {("findings",), ("figures",), ("release",)}
    assert {tuple(key.path) for key in graph.get_all_asset_keys()} == expected


def test_an_extract_waits_for_its_department_and_the_release_for_every_model(graph):
    release = dg.AssetSelection.assets("release").upstream().resolve(graph)
    assert {dg.AssetKey(["raw", "housing"]), dg.AssetKey(["intake", "housing_construction"])} <= release
    assert dg.AssetKey(["intake", "unrecognised"]) not in release


def test_every_expectation_and_every_dbt_test_is_an_asset_check(graph, installation):
    names = {key.name for key in graph.asset_check_keys}
    tests = {n["name"] for n in manifest(installation)["nodes"].values() if n["resource_type"] == "test"}
    assert {c.name for extract in SUITES for c in checks_of(extract)} <= names
    assert tests <= names


def test_every_dbt_test_says_what_its_failure_withholds(installation):
    import duckdb

    con = duckdb.connect()
    con.execute("create schema build; create table build.period (period VARCHAR)")
    nodes = manifest(installation)["nodes"].values()
    ran = [RanTest(n["name"], 0, "", n["config"]["meta"]) for n in nodes if n["resource_type"] == "test"]
    assert ran
    findings_of_tests(con, installation.catalogue, ran)


def test_months_begin_with_the_one_before_the_plan(installation):
    assert installation.partitions.get_first_partition_key() == "2017-12"


def test_there_are_three_jobs(defs):
    assert {"intake", "transform", "publish"} <= {job.name for job in defs.resolve_all_job_defs()}


def test_whatever_is_run_by_hand_runs_in_one_process(defs):
    assert {job.executor_def.name for job in defs.resolve_all_job_defs()} == {"in_process"}
    assert defs.resolve_implicit_global_asset_job_def().executor_def.name == "in_process"


def test_expectations_run_by_hand_say_that_they_belong_to_the_transform(defs, graph, installation, monkeypatch):
    class NothingWasAsked:
        collect = Child.collect
        _awaited = 0

    monkeypatch.setattr(installation, "validation", NothingWasAsked())
    (check,) = [key for key in graph.asset_check_keys if key.name == "a_share_is_between_0_and_100"]
    whole = defs.resolve_implicit_global_asset_job_def()
    job = whole.get_subset(asset_selection=set(), asset_check_selection={check})
    with pytest.raises(dg.Failure, match="transform"):
        job.execute_in_process()


def test_models_stand_in_the_group_dbt_and_are_described_in_plain_words(graph, installation):
    for node in manifest(installation)["nodes"].values():
        if node["resource_type"] == "model" and node["config"]["materialized"] != "ephemeral":
            asset = graph.get(dg.AssetKey(node["name"]))
            assert (asset.group_name, asset.description) == ("dbt", node["description"])
            assert node["description"]


def test_the_folder_of_dagster_is_made_with_its_limits_and_an_own_file_stays(tmp_path):
    env = os.environ | {"FANGPIN_HOME": str(tmp_path / "data")}
    made = subprocess.run(
        [sys.executable, "-m", "pipelines.defs"], cwd=PROJECT, env=env, capture_output=True, text=True
    )
    assert made.stdout == f"{tmp_path / 'data' / 'dagster'}\n"
    with dg.DagsterInstance.from_config(made.stdout.strip()) as instance:
        assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 1
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled
    own = tmp_path / "data" / "dagster" / "dagster.yaml"
    own.write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    dagster_home(Settings(tmp_path / "data"))
    assert own.read_text(encoding="utf-8") == "telemetry: {enabled: false}\n"


@pytest.mark.slow
def test_dagster_validates_the_workspace(tmp_path):
    command = [str(Path(sys.executable).with_name("dagster")), "definitions", "validate", "-w", "workspace.yaml"]
    env = os.environ | {"FANGPIN_HOME": str(tmp_path), "DAGSTER_HOME": str(tmp_path), "DAGSTER_DISABLE_TELEMETRY": "1"}
    done = subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
