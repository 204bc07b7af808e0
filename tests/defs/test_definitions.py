"""The code location: what Dagster shows is what the system has."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from expectations import SUITES, checks_of
from pipelines.defs.transform import manifest
from pipelines.quality import RanTest, findings_of_tests

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


@pytest.mark.slow
def test_dagster_validates_the_workspace(tmp_path):
    command = [str(Path(sys.executable).with_name("dagster")), "definitions", "validate", "-w", "workspace.yaml"]
    env = os.environ | {"FANGPIN_HOME": str(tmp_path), "DAGSTER_HOME": str(tmp_path), "DAGSTER_DISABLE_TELEMETRY": "1"}
    done = subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
