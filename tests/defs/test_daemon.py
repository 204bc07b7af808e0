"""The daemon as an operator starts it: files land while it runs, and its sensors alone bring them to a sealed release."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import dagster as dg
import pytest

from pipelines.definitions import build_defs
from pipelines.defs.refresh import dagster_home
from pipelines.defs.room import Room
from pipelines.intake.contract import load_contracts
from pipelines.intake.reader import read_table
from pipelines.policy import load_pack
from pipelines.release import list_releases, open_release
from pipelines.settings import PROJECT, Settings
from pipelines.simulate import simulate

MONTH = "2020-03"
HOUSEHOLDS = 120
PATIENCE = 900
STARTED_BY = {
    "intake": "landing",
    "transform": "intake_is_followed_by_transform",
    "publish": "transform_is_followed_by_publish",
}

pytestmark = pytest.mark.slow


@contextmanager
def daemon(settings: Settings, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The real daemon on that installation; it, its code servers, its runs and their children are gone at the end."""
    command = [str(Path(sys.executable).with_name("dagster-daemon")), "run", "-w", "workspace.yaml"]
    env = os.environ | {"FANGPIN_HOME": str(settings.home), "DAGSTER_HOME": str(dagster_home(settings))}
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=PROJECT, env=env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield process
    finally:
        process.terminate()
        patience = time.monotonic() + 30
        with suppress(ProcessLookupError):  # nothing of the group is left
            while time.monotonic() < patience:
                process.poll()
                os.killpg(process.pid, 0)
                time.sleep(0.2)
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for_publish(instance: dg.DagsterInstance, process: subprocess.Popen[bytes]) -> None:
    """Until a publish run has succeeded. Raises AssertionError when a run fails, the daemon ends or patience does."""
    patience = time.monotonic() + PATIENCE
    while True:
        runs = {run.job_name: run.status for run in instance.get_runs()}
        if runs.get("publish") == dg.DagsterRunStatus.SUCCESS:
            return
        assert dg.DagsterRunStatus.FAILURE not in runs.values(), runs
        assert process.poll() is None, f"the daemon ended with {process.returncode}"
        assert time.monotonic() < patience, f"no release after {PATIENCE} s; runs: {runs}"
        time.sleep(1)


@pytest.fixture(scope="module")
def instance(county: Settings) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(dagster_home(county))) as instance:
        yield instance


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An empty installation; nothing has landed."""
    return Settings(tmp_path_factory.mktemp("county") / "home")


@pytest.fixture(scope="module", autouse=True)
def landed(county: Settings, instance: dg.DagsterInstance, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The month's files, which landed when the daemon was already running and were published by it."""
    sent = tmp_path_factory.mktemp("sent")
    simulate(sent, load_pack(county.policy_dir), load_contracts(), [MONTH], HOUSEHOLDS)
    county.landing.mkdir(parents=True)
    log = sent / "daemon.log"
    with daemon(county, log) as process:
        (sent / MONTH).rename(county.landing / MONTH)
        try:
            wait_for_publish(instance, process)
        except AssertionError as failure:
            failure.add_note("\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-60:]))
            raise
    return county.landing / MONTH


def sent_rows(landed: Path, title: str) -> list[dict[str, str]]:
    """The table of the file with that title, as sent: header → text of the cell."""
    [path] = [p for p in landed.iterdir() if title in p.name]
    rows = list(read_table(path.read_bytes(), path.name)[0].rows.iter_rows())
    header = next(index for index, row in enumerate(rows) if "户编号" in row)
    cells = [dict(zip(rows[header], row, strict=True)) for row in rows[header + 1 :]]
    return [row for row in cells if (row["户编号"] or "").isdigit()]


def test_one_release_is_sealed(county: Settings) -> None:
    assert [release.name for release in list_releases(county)] == [f"{MONTH}/r1"]


def test_its_figures_are_those_of_the_files(county: Settings, landed: Path) -> None:
    release = open_release(county, MONTH)
    households = [row for row in sent_rows(landed, "建档立卡户信息表") if row["户类型"] == "建档立卡户"]
    poor = [row for row in households if row["脱贫状态"] in ("未脱贫", "返贫")]
    assert len(households) == HOUSEHOLDS and poor

    def value(indicator: str) -> object:
        figure = release.figure(indicator, "532822")
        assert figure["status"] == "published"
        return figure["value"]

    assert value("registered_households") == len(households)
    assert value("registered_persons") == sum(int(row["家庭人口"]) for row in households)
    assert value("poor_households") == len(poor)
    assert value("poor_persons") == value("poor_persons_by_name") == sum(int(row["家庭人口"]) for row in poor)


def test_what_adds_up_since_the_plan_began_waits_for_the_months_before(county: Settings) -> None:
    figure = open_release(county, MONTH).figure("trained_persons", "532822")
    assert (figure["status"], figure["value"]) == ("withheld", None)
    assert "2018年1月" in figure["reason"]


def test_each_job_ran_once_and_was_started_by_its_sensor(instance: dg.DagsterInstance) -> None:
    runs = instance.get_runs()
    assert {run.job_name: run.tags.get("dagster/sensor_name") for run in runs} == STARTED_BY
    assert [run.status for run in runs] == [dg.DagsterRunStatus.SUCCESS] * 3


def test_the_event_log_holds_a_materialisation_of_every_asset(county: Settings, instance: dg.DagsterInstance) -> None:
    graph = build_defs(Room(county)).resolve_asset_graph()
    groups = set()
    for asset in graph.get_all_asset_keys():
        assert instance.get_latest_materialization_event(asset), asset
        assert set(instance.get_materialized_partitions(asset)) == (
            {MONTH} if graph.get(asset).is_partitioned else set()
        )
        groups.add(graph.get(asset).group_name)
    assert groups == {"intake", "raw", "dbt", "publish"}
