"""What the assets of one code location share: where things are, the pack, the clock, the validation process, a stop-watch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import dagster as dg
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from expectations.child import Child
from pipelines.indicators import Catalogue, load_catalogue
from pipelines.intake.contract import Contract, load_contracts
from pipelines.intake.ledger import Ledger
from pipelines.periods import months, shift
from pipelines.policy import Pack, load_pack
from pipelines.settings import Settings

MONTHS_TAG = "fangpin/months"
AS_OF_TAG = "fangpin/as_of"
REFRESH_TAG = "fangpin/refresh"

Clock = Callable[[], datetime]
Progress = Callable[[str, float], None]


def range_tags(first: str, last: str) -> dict[str, str]:
    """The tags that make one run of a job over monthly assets cover all months from first to last."""
    return {ASSET_PARTITION_RANGE_START_TAG: first, ASSET_PARTITION_RANGE_END_TAG: last}


def utc_now() -> datetime:
    """The clock that is handed in where the machine's own time is meant."""
    return datetime.now(UTC)


@dataclass
class Room:
    """One installation as the assets see it. ``progress`` hears what is being done and which share of the whole is behind."""

    settings: Settings
    clock: Clock = utc_now
    progress: Progress = lambda what, share: None
    laps: dict[str, float] = field(default_factory=dict)
    validation: Child | None = None

    @cached_property
    def pack(self) -> Pack:
        return load_pack(self.settings.policy_dir)

    @cached_property
    def contracts(self) -> dict[str, Contract]:
        return load_contracts()

    @cached_property
    def catalogue(self) -> Catalogue:
        return load_catalogue()

    @cached_property
    def partitions(self) -> dg.MonthlyPartitionsDefinition:
        """Months from the one before the plan begins (where it starts from) to the present one."""
        return dg.MonthlyPartitionsDefinition(start_date=shift(self.pack.plan.from_, -1), fmt="%Y-%m", end_offset=1)

    @property
    def checked(self) -> Path:
        """Where the transform job leaves findings for the publish job."""
        return self.settings.build / "checks"

    def expectations(self) -> Child:
        """The validation process; the first call starts it."""
        if self.validation is None:
            self.validation = Child(self.checked / "expectations.log")
        return self.validation

    @contextmanager
    def lap(self, what: str) -> Iterator[None]:
        """Add the seconds of a block to ``laps[what]``."""
        began = time.perf_counter()
        yield
        self.laps[what] = self.laps.get(what, 0.0) + time.perf_counter() - began

    def asked(self, tags: Mapping[str, str]) -> tuple[list[str], str]:
        """The months to build and the ``as_of`` that a run's tags ask for; all received months, and now, where they do not say.

        Raises Failure when nothing has been received.
        """
        as_of = tags.get(AS_OF_TAG) or self.clock().isoformat(timespec="seconds")
        span = tags.get(MONTHS_TAG) or self.received_span()
        return months(span), as_of

    def received(self) -> set[str]:
        """The months of which anything was accepted."""
        with Ledger(self.settings.ledger) as ledger:
            return {s.period for s in ledger.submissions(state="accepted")}

    def received_span(self) -> str:
        """The months of which anything was accepted, first to last, as ``A:B``. Raises Failure when there are none."""
        received = self.received()
        if not received:
            raise dg.Failure("没有收到任何可用的上报件；先把部门文件放进 landing/<YYYY-MM>/", allow_retries=False)
        return f"{min(received)}:{max(received)}"
