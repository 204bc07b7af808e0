"""When jobs run by themselves: the calendar's schedule, the landing sensor, and the sensors that chain the three jobs."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
    PARTITION_NAME_TAG,
)

from pipelines.defs.room import MONTHS_TAG, REFRESH_TAG, Room, range_tags
from pipelines.intake.ledger import Ledger
from pipelines.periods import months, shift

SETTLED = timedelta(seconds=5)
"""A file younger than this may still be being copied; the next look takes it."""

LANDED_TAG = "fangpin/landed"
ATTEMPTS = 3
"""How often the same files are tried when their intake fails; after that somebody has to look."""

HISTORY = 200
"""How many of a job's latest runs the chain looks back on."""

WAITING = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]

Requests = Iterator[dg.RunRequest | dg.SkipReason]
Job = Any


def due_schedule(room: Room, intake: Job) -> dg.ScheduleDefinition:
    """On the last day that the policy calendar gives the departments: intake of the month that is due."""
    month = room.pack.plan.from_
    due = max(room.pack.deadline(extract, month) for extract in room.contracts)
    behind = (due.year - int(month[:4])) * 12 + due.month - int(month[5:])

    @dg.schedule(
        name="month_is_due",
        job=intake,
        cron_schedule=f"0 18 {due.day} * *",
        execution_timezone="Asia/Shanghai",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="部门上报截止日18时：接收到期月份的上报件，并接着计算、发布",
    )
    def month_is_due(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        period = shift(context.scheduled_execution_time.strftime("%Y-%m"), -behind)
        return dg.RunRequest(run_key=f"due/{period}", partition_key=period)

    return month_is_due


@lru_cache(maxsize=100_000)
def _sha256(path: Path, modified_ns: int, size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def landing_sensor(room: Room, intake: Job) -> dg.SensorDefinition:
    """A run for each month with files that the ledger does not know; its run key is ``<month>/<sha256 of what is new>``.

    Not a run for each file: a run takes in all that lies in its month, and nine departments make one transform, not nine.
    An intake that failed before it recorded them is tried again, ``ATTEMPTS`` times in all: ``…/2``, ``…/3``.
    """

    @dg.sensor(
        name="landing",
        job=intake,
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="landing/<YYYY-MM>/ 中有新文件时接收该月上报件",
    )
    def landing(context: dg.SensorEvaluationContext) -> Requests:
        with Ledger(room.settings.ledger) as ledger:
            known = {(s.period, s.sha256) for s in ledger.submissions()}
        valid = set(room.partitions.get_partition_keys(current_time=room.clock()))
        new: dict[str, set[str]] = defaultdict(set)
        astray: set[str] = set()
        for path in _landed(room):
            period = path.relative_to(room.settings.landing).parts[0]
            if period not in valid:
                astray.add(period)
                continue
            about = path.stat()
            if datetime.fromtimestamp(about.st_mtime, UTC) > room.clock() - SETTLED:
                continue
            sha256 = _sha256(path, about.st_mtime_ns, about.st_size)
            if (period, sha256) not in known:
                new[period].add(sha256)
        for name in sorted(astray - set((context.cursor or "").split("/"))):
            said = f"landing/{name} 未接收：应放在 landing/<YYYY-MM>/ 中，月份在 {min(valid)} 至 {max(valid)} 之间"
            context.log.warning(said)
        context.update_cursor("/".join(sorted(astray)))
        for period, hashes in sorted(new.items()):
            digest = hashes.pop() if len(hashes) == 1 else hashlib.sha256("".join(sorted(hashes)).encode()).hexdigest()
            key = f"{period}/{digest}"
            failed = context.instance.get_runs_count(
                dg.RunsFilter(job_name=intake.name, statuses=[dg.DagsterRunStatus.FAILURE], tags={LANDED_TAG: key})
            )
            again = f"/{min(failed + 1, ATTEMPTS)}" if failed else ""
            yield dg.RunRequest(run_key=key + again, partition_key=period, tags={LANDED_TAG: key})
        if not new:
            yield dg.SkipReason("landing/ 中没有新文件")

    return landing


def _landed(room: Room) -> Iterator[Path]:
    landing = room.settings.landing
    for path in sorted(landing.rglob("*")):
        if path.is_file() and not any(part.startswith((".", "~$")) for part in path.relative_to(landing).parts):
            yield path


def chain_sensors(room: Room, intake: Job, transform: Job, publish: Job) -> list[dg.SensorDefinition]:
    """intake → transform, once nothing is waiting or at work; transform → publish, for the months that it built.

    The first looks at how things stand, not at one event: what was taken in and never published is owed, whichever run failed in
    between. It asks once for each newest intake, so a transform or publish that fails is made up for after the next intake.
    """

    @dg.sensor(
        name="intake_is_followed_by_transform",
        job=transform,
        minimum_interval_seconds=10,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="接收完毕后重新计算该月及以后各月，连同接收后未能发布的月份",
    )
    def then_transform(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        at_work = {run.job_name for run in context.instance.get_runs(dg.RunsFilter(statuses=WAITING))}
        if at_work & {intake.name, transform.name, publish.name}:
            return dg.SkipReason("还有任务在排队或运行，全部结束后再计算")
        owed = _owed(context.instance, intake.name, transform.name, publish.name)
        if not owed or not (received := room.received()):
            return dg.SkipReason("没有接收后尚未发布的上报件")
        newest = max(owed, key=_ended)
        taken = set[str]().union(*(_months_of(record.dagster_run) for record in owed))
        span = f"{min(taken)}:{max(taken | received)}"
        return dg.RunRequest(run_key=f"after/{newest.dagster_run.run_id}", tags={MONTHS_TAG: span})

    @dg.run_status_sensor(
        name="transform_is_followed_by_publish",
        run_status=dg.DagsterRunStatus.SUCCESS,
        monitored_jobs=[transform],
        request_job=publish,
        minimum_interval_seconds=10,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="计算完毕后作出发布决定并封存",
    )
    def then_publish(context: dg.RunStatusSensorContext) -> dg.RunRequest | dg.SkipReason:
        if REFRESH_TAG in context.dagster_run.tags:
            return dg.SkipReason("fangpin refresh 自己接着发布")
        span = months(context.dagster_run.tags.get(MONTHS_TAG) or room.received_span())
        return dg.RunRequest(run_key=f"after/{context.dagster_run.run_id}", tags=range_tags(span[0], span[-1]))

    return [then_transform, then_publish]


def _owed(instance: dg.DagsterInstance, intake: str, transform: str, publish: str) -> list[dg.RunRecord]:
    """Successful intakes, but for those of a refresh, of which a month is in no publish of a transform that began after them."""

    def done(job: str) -> list[dg.RunRecord]:
        succeeded = dg.RunsFilter(job_name=job, statuses=[dg.DagsterRunStatus.SUCCESS])
        return list(instance.get_run_records(succeeded, limit=HISTORY))

    transforms = done(transform)
    seen: dict[str, float] = defaultdict(float)
    for record in done(publish):
        built = max((_began(t) for t in transforms if _ended(t) <= _began(record)), default=0.0)
        for month in _months_of(record.dagster_run):
            seen[month] = max(seen[month], built)
    return [
        record
        for record in done(intake)
        if REFRESH_TAG not in record.dagster_run.tags
        and any(seen[month] < _ended(record) for month in _months_of(record.dagster_run))
    ]


def _began(record: dg.RunRecord) -> float:
    return record.start_time or record.create_timestamp.timestamp()


def _ended(record: dg.RunRecord) -> float:
    return record.end_time or record.update_timestamp.timestamp()


def _months_of(run: dg.DagsterRun) -> set[str]:
    """The months of a run of a job over monthly assets."""
    tags = run.tags
    if PARTITION_NAME_TAG in tags:
        return {tags[PARTITION_NAME_TAG]}
    return set(months(f"{tags[ASSET_PARTITION_RANGE_START_TAG]}:{tags[ASSET_PARTITION_RANGE_END_TAG]}"))
