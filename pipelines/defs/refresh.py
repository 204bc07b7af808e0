"""The refresh: the three jobs one after the other in this process, on the operator's own Dagster instance."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from pipelines.periods import MonthError
from pipelines.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance

    from pipelines.release import Sealed

INSTANCE = """\
telemetry: {enabled: false}
concurrency: {runs: {max_concurrent_runs: 1}}   # one candidate warehouse, one writer
compute_logs: {module: dagster._core.storage.noop_compute_log_manager, class: NoOpComputeLogManager}
nux: {enabled: false}   # no pop-up that asks for an e-mail address
"""


QUIET = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did: a release for each month, findings by severity, seconds by part (their sum is the whole)."""

    sealed: list[Sealed]
    findings: dict[str, int]
    timings: dict[str, float]

    def as_record(self) -> dict[str, Any]:
        """Plain values for ``--json``."""
        return {
            "releases": [
                {
                    "release": s.release.name,
                    "is_new": s.is_new,
                    "figures": s.figures,
                    "withheld": s.withheld,
                    "changed": s.changed,
                }
                for s in self.sealed
            ],
            "findings": self.findings,
            "timings": {part: round(seconds, 2) for part, seconds in self.timings.items()},
        }


def dagster_home(settings: Settings) -> Path:
    """The instance's folder, made with a minimal ``dagster.yaml`` if absent; an operator's own file stays as it is."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    config = settings.dagster_home / "dagster.yaml"
    if not config.exists():
        config.write_text(INSTANCE, encoding="utf-8")
    return settings.dagster_home


@contextmanager
def _instance(settings: Settings) -> Iterator[DagsterInstance]:
    """The operator's Dagster instance, made to write its log quickly: events cost 20 ms each otherwise, and there are thousands.

    Dagster opens and closes an SQLite file for every event, through a new engine that compiles each statement anew. One engine for
    each file compiles it once; connections that stay open spare the checkpoint at each close; ``synchronous = normal`` (safe
    with a write-ahead log) spares the wait for the disk at each commit.
    """
    import dagster as dg
    import sqlalchemy
    from dagster._core.storage.event_log.sqlite import sqlite_event_log
    from dagster._core.storage.runs.sqlite import sqlite_run_storage

    engines: dict[str, sqlalchemy.Engine] = {}

    def engine_of(url: str, **given: Any) -> sqlalchemy.Engine:
        if url not in engines:
            engine = engines[url] = sqlalchemy.create_engine(url, **given | {"poolclass": sqlalchemy.QueuePool})
            held.callback(engine.pool.dispose)
            held.enter_context(patch.object(engine, "dispose", lambda: None))  # Dagster's own, after each event
        return engines[url]

    def relax(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("pragma synchronous = normal")

    sqlalchemy.event.listen(sqlalchemy.Engine, "connect", relax)
    try:
        with ExitStack() as held:
            for module in (sqlite_event_log, sqlite_run_storage):
                held.enter_context(patch.object(module, "create_engine", engine_of))
            yield held.enter_context(dg.DagsterInstance.from_config(str(dagster_home(settings))))
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "connect", relax)


def _held(months: Sequence[str], there: Sequence[str]) -> None:
    """Raise MonthError unless ``months`` is an unbroken run of months that there are."""
    begin = there.index(months[0]) if months and months[0] in there else 0
    if not months or list(there[begin : begin + len(months)]) != list(months):
        raise MonthError(f"月份须连续，且在 {there[0]} 至 {there[-1]} 之间；所给：{'、'.join(months) or '无'}")


def refresh(
    settings: Settings,
    months: Sequence[str],
    as_of: str,
    progress: Callable[[str, float], None] = lambda what, share: None,
) -> Refreshed:
    """Take in what landed for ``months`` (a run of months, in order), compute, check and seal a release for each.

    Months after them that were published before are computed again in the same pass: a correction seals a new release of each
    month in which it changed a figure, and of no other.
    ``as_of``: ISO time in UTC; nothing received later is used. ``progress`` hears what is being done and the share that is behind.
    The runs, materialisations and checks stand in Dagster's own pages afterwards. Raises MonthError for months that there are
    not, and what the rooms raise.
    """
    began = time.perf_counter()
    progress("准备", 0.0)
    from expectations.child import Child

    validation = Child(settings.build / "checks" / "expectations.log")
    try:
        import dagster  # noqa: F401
        import dbt.cli.main  # noqa: F401  (so that its seconds count as an import)

        from pipelines.definitions import build_defs
        from pipelines.defs.room import AS_OF_TAG, MONTHS_TAG, REFRESH_TAG, Room, range_tags
        from pipelines.quality import kept
        from pipelines.release import list_releases

        room = Room(settings, progress=progress, validation=validation)
        room.laps["imports"] = time.perf_counter() - began
        _held(months, room.partitions.get_partition_keys())
        sealed: list[Sealed] = []
        defs = build_defs(room, sealed)
        last = max([months[-1], *(release.period for release in list_releases(settings))])
        asked = {MONTHS_TAG: f"{months[0]}:{last}", AS_OF_TAG: as_of, REFRESH_TAG: "true"}
        received, built = asked | range_tags(months[0], months[-1]), asked | range_tags(months[0], last)
        with _instance(settings) as instance:
            for job, tags in (("intake", received), ("transform", asked), ("publish", built)):
                defs.resolve_job_def(job).execute_in_process(QUIET, instance, tags=tags)
        counts = Counter[str](f.severity for f in kept(room.checked / "findings.json"))
    finally:
        validation.close()
    progress("完成", 1.0)
    rest = time.perf_counter() - began - sum(room.laps.values())
    return Refreshed(sealed, dict(counts), room.laps | {"dagster": rest})
