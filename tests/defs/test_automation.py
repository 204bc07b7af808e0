"""When jobs run by themselves."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from pipelines.defs.room import MONTHS_TAG, REFRESH_TAG, range_tags
from pipelines.intake.ledger import Ledger, Submission
from tests.defs.conftest import NOW


def put(path: Path, text: str = "户编号\n", age: timedelta = timedelta(days=1)) -> str:
    """A landed file of that age; its sha256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    seconds = (NOW - age).timestamp()
    os.utime(path, (seconds, seconds))
    return hashlib.sha256(text.encode()).hexdigest()


def look(defs: dg.Definitions) -> dict[str, str]:
    """What the landing sensor asks for: run key → month."""
    sensor = defs.resolve_sensor_def("landing")
    data = sensor.evaluate_tick(dg.build_sensor_context(repository_def=defs.get_repository_def()))
    return {request.run_key: request.partition_key for request in data.run_requests}


def received(installation, number: int, period: str, sha256: str) -> None:
    with Ledger(installation.settings.ledger) as ledger:
        ledger.record(
            Submission(
                number, "housing", "housing_construction", period, "532822", 1, "a.csv", sha256, ".csv", 1,
                "2020-04-01T00:00:00+00:00", "accepted", "", 0, 0, 0, 0, {}, [], {}, "",
            ),
            [],
        )  # fmt: skip


@pytest.fixture(autouse=True)
def _empty_ledger(installation):
    yield
    for path in installation.settings.home.glob("ledger.sqlite*"):
        path.unlink()


def test_a_new_file_asks_for_a_run_of_its_month_with_its_sha256(defs, landing):
    sha256 = put(landing / "2020-03" / "住房.csv")
    assert look(defs) == {f"2020-03/{sha256}": "2020-03"}


def test_new_files_of_a_month_make_one_run_and_one_more_makes_another(defs, landing):
    put(landing / "2020-03" / "a.csv", "a")
    put(landing / "2020-03" / "b.csv", "b")
    put(landing / "2020-02" / "c.csv", "c")
    before = look(defs)
    put(landing / "2020-03" / "d.csv", "d")
    after = look(defs)
    assert sorted(before.values()) == sorted(after.values()) == ["2020-02", "2020-03"]
    assert len(set(before) & set(after)) == 1


def test_what_the_ledger_knows_hidden_files_and_files_still_being_copied_ask_for_nothing(defs, installation, landing):
    received(installation, 1, "2020-03", put(landing / "2020-03" / "known.csv"))
    put(landing / "2020-03" / "~$open.xlsx")
    put(landing / "2020-03" / "young.csv", "young", age=timedelta(seconds=4))
    assert look(defs) == {}
    put(landing / "2020-03" / "young.csv", "young", age=timedelta(seconds=5))
    assert len(look(defs)) == 1


def test_a_folder_that_is_no_month_asks_for_nothing(defs, landing):
    put(landing / "三月" / "a.csv")
    put(landing / "b.csv")
    put(landing / "2017-11" / "c.csv")
    assert look(defs) == {}


def test_the_schedule_takes_in_the_month_that_is_due(defs):
    schedule = defs.resolve_schedule_def("month_is_due")
    assert schedule.cron_schedule == "0 18 15 * *"
    when = datetime(2020, 4, 15, 18, tzinfo=UTC)
    context = dg.build_schedule_context(scheduled_execution_time=when, repository_def=defs.get_repository_def())
    (request,) = schedule.evaluate_tick(context).run_requests
    assert request.partition_key == "2020-03"


def followed(defs: dg.Definitions, sensor: str, job: str, tags: dict[str, str]) -> dg.RunRequest | dg.SkipReason:
    """What a chaining sensor says to a finished run of ``job`` with these tags."""
    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.create_run_for_job(defs.resolve_job_def(job), tags=tags)
        event = instance.report_run_canceled(run)
        context = dg.build_run_status_sensor_context(
            sensor_name=sensor, dagster_event=event, dagster_instance=instance, dagster_run=run
        )
        return defs.resolve_sensor_def(sensor)(context)


def test_after_intake_the_month_and_the_later_ones_are_built(defs, installation):
    received(installation, 1, "2020-01", "a")
    received(installation, 2, "2020-04", "b")
    request = followed(defs, "intake_is_followed_by_transform", "intake", range_tags("2020-03", "2020-03"))
    assert request.tags[MONTHS_TAG] == "2020-03:2020-04"


def test_after_transform_its_months_are_published(defs):
    request = followed(defs, "transform_is_followed_by_publish", "transform", {MONTHS_TAG: "2020-02:2020-03"})
    assert range_tags("2020-02", "2020-03").items() <= request.tags.items()


@pytest.mark.parametrize(
    ("sensor", "job"),
    [("intake_is_followed_by_transform", "intake"), ("transform_is_followed_by_publish", "transform")],
)
def test_what_a_refresh_ran_is_not_followed(defs, sensor, job):
    assert isinstance(followed(defs, sensor, job, {REFRESH_TAG: "true"}), dg.SkipReason)
