"""When jobs run by themselves."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import DagsterEvent, DagsterEventType

from pipelines.defs.automation import ATTEMPTS
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


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def look(defs: dg.Definitions, instance: dg.DagsterInstance) -> dict[str, str]:
    """What the landing sensor asks for: run key → month."""
    sensor = defs.resolve_sensor_def("landing")
    with dg.build_sensor_context(instance, repository_def=defs.get_repository_def()) as context:
        data = sensor.evaluate_tick(context)
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


def test_a_new_file_asks_for_a_run_of_its_month_with_its_sha256(defs, landing, instance):
    sha256 = put(landing / "2020-03" / "住房.csv")
    assert look(defs, instance) == {f"2020-03/{sha256}": "2020-03"}


def test_new_files_of_a_month_make_one_run_and_one_more_makes_another(defs, landing, instance):
    put(landing / "2020-03" / "a.csv", "a")
    put(landing / "2020-03" / "b.csv", "b")
    put(landing / "2020-02" / "c.csv", "c")
    before = look(defs, instance)
    put(landing / "2020-03" / "d.csv", "d")
    after = look(defs, instance)
    assert sorted(before.values()) == sorted(after.values()) == ["2020-02", "2020-03"]
    assert len(set(before) & set(after)) == 1


def test_what_the_ledger_knows_hidden_files_and_files_still_being_copied_ask_for_nothing(
    defs, installation, landing, instance
):
    received(installation, 1, "2020-03", put(landing / "2020-03" / "known.csv"))
    put(landing / "2020-03" / "~$open.xlsx")
    put(landing / "2020-03" / "young.csv", "young", age=timedelta(seconds=4))
    assert look(defs, instance) == {}
    put(landing / "2020-03" / "young.csv", "young", age=timedelta(seconds=5))
    assert len(look(defs, instance)) == 1


def test_a_folder_that_is_no_month_asks_for_nothing(defs, landing, instance):
    put(landing / "三月" / "a.csv")
    put(landing / "b.csv")
    put(landing / "2017-11" / "c.csv")
    assert look(defs, instance) == {}


def test_files_outside_the_months_are_named_once_by_their_folder(defs, landing):
    put(landing / "truth" / "a.parquet", "a")
    put(landing / "truth" / "b.parquet", "b")
    put(landing / "corrections" / "2020-03" / "c.csv", "c")
    sensor, cursor, said = defs.resolve_sensor_def("landing"), None, []
    for _ in range(2):
        with dg.build_sensor_context(cursor=cursor, repository_def=defs.get_repository_def()) as context:
            context.log.warning = said.append
            cursor = sensor.evaluate_tick(context).cursor
    assert [line.split()[0] for line in said] == ["landing/corrections", "landing/truth"]


def test_an_intake_that_failed_is_tried_again_three_times_in_all(defs, landing, instance):
    key = f"2020-03/{put(landing / '2020-03' / 'a.csv')}"
    asked = []
    for n in range(ATTEMPTS + 1):
        (run_key,) = look(defs, instance)
        asked.append(run_key)
        ran(instance, "intake", {"fangpin/landed": key}, n, FAILED)
    assert asked == [key, f"{key}/2", f"{key}/3", f"{key}/3"]


def test_the_schedule_takes_in_the_month_that_is_due(defs):
    schedule = defs.resolve_schedule_def("month_is_due")
    assert schedule.cron_schedule == "0 18 15 * *"
    when = datetime(2020, 4, 15, 18, tzinfo=UTC)
    context = dg.build_schedule_context(scheduled_execution_time=when, repository_def=defs.get_repository_def())
    (request,) = schedule.evaluate_tick(context).run_requests
    assert request.partition_key == "2020-03"


DONE, FAILED = DagsterEventType.RUN_SUCCESS, DagsterEventType.RUN_FAILURE
MARCH, MAY = range_tags("2020-03", "2020-03"), range_tags("2020-05", "2020-05")


def ran(instance: dg.DagsterInstance, job: str, tags: dict[str, str], hour: int, *events: DagsterEventType) -> None:
    """A run that began in that hour, with what became of it (nothing: it is at work) half an hour later."""
    run = instance.add_run(dg.DagsterRun(job_name=job, tags=tags))
    for event, minutes in zip([DagsterEventType.RUN_START, *events], (0, 30), strict=False):
        instance.run_storage.handle_run_event(
            run.run_id, DagsterEvent(event.value, job), NOW + timedelta(hours=hour, minutes=minutes)
        )


def after_intake(defs: dg.Definitions, instance: dg.DagsterInstance) -> dg.RunRequest | dg.SkipReason:
    """What the sensor between intake and transform says."""
    context = dg.build_sensor_context(instance, repository_def=defs.get_repository_def())
    return defs.resolve_sensor_def("intake_is_followed_by_transform")(context)


def built(defs: dg.Definitions, instance: dg.DagsterInstance) -> str | None:
    """The months of the transform that it asks for."""
    said = after_intake(defs, instance)
    return said.tags[MONTHS_TAG] if isinstance(said, dg.RunRequest) else None


@pytest.fixture
def accepted(installation) -> None:
    """March and May have something to compute."""
    received(installation, 1, "2020-03", "a")
    received(installation, 2, "2020-05", "b")


@pytest.mark.usefixtures("accepted")
def test_after_intake_the_month_and_the_later_ones_are_built(defs, instance):
    ran(instance, "intake", MARCH, 1, DONE)
    assert built(defs, instance) == "2020-03:2020-05"


@pytest.mark.usefixtures("accepted")
def test_a_month_given_by_its_partition_is_built_too(defs, instance):
    ran(instance, "intake", {"dagster/partition": "2020-03"}, 1, DONE)
    assert built(defs, instance) == "2020-03:2020-05"


def test_nothing_is_built_while_no_file_was_accepted(defs, instance):
    ran(instance, "intake", MARCH, 1, DONE)
    assert built(defs, instance) is None


@pytest.mark.usefixtures("accepted")
@pytest.mark.parametrize("job", ["intake", "transform", "publish"])
def test_nothing_is_built_while_a_job_is_at_work(defs, instance, job):
    ran(instance, "intake", MARCH, 1, DONE)
    ran(instance, job, MAY, 2)
    assert built(defs, instance) is None


@pytest.mark.usefixtures("accepted")
def test_what_was_taken_in_is_built_even_if_the_intake_that_it_waited_for_fails(defs, instance):
    ran(instance, "intake", MARCH, 1, DONE)
    ran(instance, "intake", MAY, 1, FAILED)
    assert built(defs, instance) == "2020-03:2020-05"


@pytest.mark.usefixtures("accepted")
@pytest.mark.parametrize("broken", ["transform", "publish"])
def test_months_whose_transform_or_publish_failed_are_built_with_the_next_intake_and_not_before(defs, instance, broken):
    ran(instance, "intake", MARCH, 1, DONE)
    first = after_intake(defs, instance)
    ran(instance, "transform", {}, 2, FAILED if broken == "transform" else DONE)
    if broken == "publish":
        ran(instance, "publish", range_tags("2020-03", "2020-05"), 3, FAILED)
    assert after_intake(defs, instance).run_key == first.run_key
    ran(instance, "intake", MAY, 4, DONE)
    second = after_intake(defs, instance)
    assert (second.run_key != first.run_key, second.tags[MONTHS_TAG]) == (True, "2020-03:2020-05")


@pytest.mark.usefixtures("accepted")
def test_a_publish_of_other_months_makes_up_for_nothing(defs, instance):
    ran(instance, "intake", MARCH, 1, DONE)
    ran(instance, "transform", {}, 2, DONE)
    ran(instance, "publish", MAY, 3, DONE)
    assert built(defs, instance) == "2020-03:2020-05"


@pytest.mark.usefixtures("accepted")
@pytest.mark.parametrize(("taken_in", "expected"), [(1, None), (2, "2020-05:2020-05")])
def test_what_a_published_transform_saw_is_not_built_again(defs, instance, taken_in, expected):
    ran(instance, "intake", MAY, taken_in, DONE)
    ran(instance, "transform", {}, 2, DONE)
    ran(instance, "publish", range_tags("2020-03", "2020-05"), 3, DONE)
    assert built(defs, instance) == expected


@pytest.mark.usefixtures("accepted")
def test_what_a_refresh_took_in_is_not_built(defs, instance):
    ran(instance, "intake", MARCH | {REFRESH_TAG: "true"}, 1, DONE)
    assert built(defs, instance) is None


def after_transform(defs: dg.Definitions, instance: dg.DagsterInstance, tags: dict[str, str]) -> object:
    """What the sensor between transform and publish says to a transform with these tags."""
    run = instance.create_run_for_job(defs.resolve_job_def("transform"), tags=tags)
    context = dg.build_run_status_sensor_context(
        sensor_name="transform_is_followed_by_publish",
        dagster_event=instance.report_run_canceled(run),
        dagster_instance=instance,
        dagster_run=run,
    )
    return defs.resolve_sensor_def("transform_is_followed_by_publish")(context)


def test_after_transform_its_months_are_published(defs, instance):
    request = after_transform(defs, instance, {MONTHS_TAG: "2020-02:2020-03"})
    assert range_tags("2020-02", "2020-03").items() <= request.tags.items()


def test_a_transform_of_a_refresh_is_not_followed(defs, instance):
    assert isinstance(after_transform(defs, instance, {REFRESH_TAG: "true"}), dg.SkipReason)
