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
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_START_TAG, PARTITION_NAME_TAG

from pipelines.defs.room import MONTHS_TAG, REFRESH_TAG, Room, range_tags
from pipelines.intake.ledger import Ledger
from pipelines.periods import months, shift

SETTLED = timedelta(seconds=5)
"""A file younger than this may still be being copied; the next look takes it."""

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
        for path in _landed(room):
            period = path.relative_to(room.settings.landing).parts[0]
            about = path.stat()
            if datetime.fromtimestamp(about.st_mtime, UTC) > room.clock() - SETTLED:
                continue
            sha256 = _sha256(path, about.st_mtime_ns, about.st_size)
            if (period, sha256) in known:
                continue
            if period in valid:
                new[period].add(sha256)
            else:
                context.log.warning(f"{path}：应放在 landing/<YYYY-MM>/ 中，月份在 {min(valid)} 至 {max(valid)} 之间")
        for period, hashes in sorted(new.items()):
            key = hashes.pop() if len(hashes) == 1 else hashlib.sha256("".join(sorted(hashes)).encode()).hexdigest()
            yield dg.RunRequest(run_key=f"{period}/{key}", partition_key=period)
        if not new:
            yield dg.SkipReason("landing/ 中没有新文件")

    return landing


def _landed(room: Room) -> Iterator[Path]:
    landing = room.settings.landing
    for path in sorted(landing.rglob("*")):
        if path.is_file() and not any(part.startswith((".", "~$")) for part in path.relative_to(landing).parts):
            yield path


def chain_sensors(room: Room, intake: Job, transform: Job, publish: Job) -> list[dg.SensorDefinition]:
    """intake → transform, once nothing is waiting to be taken in; transform → publish, for the months that it built."""

    @dg.run_status_sensor(
        name="intake_is_followed_by_transform",
        run_status=dg.DagsterRunStatus.SUCCESS,
        monitored_jobs=[intake],
        request_job=transform,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="接收完毕后重新计算该月及以后各月",
    )
    def then_transform(context: dg.RunStatusSensorContext) -> dg.RunRequest | dg.SkipReason:
        if REFRESH_TAG in context.dagster_run.tags:
            return dg.SkipReason("fangpin refresh 自己接着计算")
        if context.instance.get_runs_count(dg.RunsFilter(job_name=intake.name, statuses=WAITING)):
            return dg.SkipReason("还有文件正在接收，全部接收后再计算")
        first = min(_months_taken_in(context, intake.name, transform.name))
        last = max(first, room.received_span().partition(":")[2])
        return dg.RunRequest(run_key=f"after/{context.dagster_run.run_id}", tags={MONTHS_TAG: f"{first}:{last}"})

    @dg.run_status_sensor(
        name="transform_is_followed_by_publish",
        run_status=dg.DagsterRunStatus.SUCCESS,
        monitored_jobs=[transform],
        request_job=publish,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="计算完毕后作出发布决定并封存",
    )
    def then_publish(context: dg.RunStatusSensorContext) -> dg.RunRequest | dg.SkipReason:
        if REFRESH_TAG in context.dagster_run.tags:
            return dg.SkipReason("fangpin refresh 自己接着发布")
        span = months(context.dagster_run.tags.get(MONTHS_TAG) or room.received_span())
        return dg.RunRequest(run_key=f"after/{context.dagster_run.run_id}", tags=range_tags(span[0], span[-1]))

    return [then_transform, then_publish]


def _months_taken_in(context: dg.RunStatusSensorContext, intake: str, transform: str) -> list[str]:
    """The months of the intake runs since the last transform run began, that of the present one among them."""
    instance = context.instance
    last = instance.get_run_records(dg.RunsFilter(job_name=transform), limit=1)
    since = last[0].create_timestamp if last else None
    done = instance.get_run_records(
        dg.RunsFilter(job_name=intake, statuses=[dg.DagsterRunStatus.SUCCESS], updated_after=since)
    )
    runs = [record.dagster_run for record in done] + [context.dagster_run]
    return [run.tags.get(PARTITION_NAME_TAG) or run.tags[ASSET_PARTITION_RANGE_START_TAG] for run in runs]
