"""Files are recognised and held against their contracts here, or, when there are many, ahead in processes of their own.

Answers come in the order of the questions. Nothing here writes: one process does, with what it gets from here.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import signal
import threading
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, CancelledError, Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, TypeVar

from pipelines.intake.check import Checked, check
from pipelines.intake.contract import Contract
from pipelines.intake.divisions import Divisions
from pipelines.intake.pseudonym import Noting, pseudonyms
from pipelines.intake.reader import Unreadable, read_table
from pipelines.intake.table import SEARCHED, Headers
from pipelines.intake.types import Reading
from pipelines.policy import Pack

MANY = 150  # files; fewer are read before other processes have started
_PROCESSES = 2
_AHEAD = 8  # files that wait for the one that writes
_IDLE_SECONDS = 20.0  # after which the processes end

Label = TypeVar("Label")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Received:
    """A file as it came, and the extract that it is to be held against (None: nobody knows it)."""

    data: bytes
    name: str
    period: str
    extract: str | None


class Tools:
    """All that reading a file needs: contracts, headers, divisions, the key of the pseudonyms."""

    def __init__(self, pack: Pack, contracts: Mapping[str, Contract], key: bytes) -> None:
        self.given = pack, contracts, key
        self.contracts, self.headers, self.noting = contracts, Headers(contracts), Noting(pseudonyms(key))
        self.reading = Reading(pack, Divisions(pack.areas, pack.area_names), self.noting)

    @cached_property
    def packed(self) -> bytes:
        """What another process makes the same tools from."""
        return zlib.compress(pickle.dumps(self.given))

    def recognise(self, path: Path, name: str) -> tuple[str, list[str]]:
        """The sha256 and the extracts of a file; one that cannot be opened is told by its name alone."""
        data = path.read_bytes()
        try:
            sheets = read_table(data, name, rows=SEARCHED)
        except Unreadable:
            sheets = []
        return hashlib.sha256(data).hexdigest(), self.headers.recognise(sheets, name)

    def read(self, file: Received) -> tuple[Checked, dict[str, str]]:
        """A file held against its contract, and whom it names: pseudonym → normal form."""
        self.noting.named.clear()
        contract = self.contracts[file.extract] if file.extract else None
        return check(file.data, file.name, file.period, contract, self.headers, self.reading), dict(self.noting.named)


def in_order(
    tools: Tools, work: Callable[..., Answer], questions: Iterable[tuple[Label, tuple[Any, ...]]], *, many: bool
) -> Iterator[tuple[Label, Answer]]:
    """Each question's label and what ``work`` (a method of Tools) answers to it.

    With ``many`` up to eight questions are asked ahead of the answer that is waited for. When another process dies, the rest
    is done here.
    """
    pool = _pool(tools, many)
    waiting: deque[tuple[Label, tuple[Any, ...], Future[Answer] | None]] = deque()

    def first() -> tuple[Label, Answer]:
        label, question, asked = waiting.popleft()
        if asked is not None:
            try:
                return label, asked.result()
            except (BrokenExecutor, CancelledError):
                end()
        return label, work(tools, *question)

    try:
        for label, question in questions:
            waiting.append((label, question, _asked(pool, tools, work, question)))
            if len(waiting) > (_AHEAD if pool else 0):
                yield first()
        while waiting:
            yield first()
    finally:
        for _, _, asked in waiting:
            if asked is not None:
                asked.cancel()
        _rest()


def end() -> None:
    """End the other processes."""
    with _lock:
        pools, _pools[:] = list(_pools), []
    for _, pool in pools:
        pool.shutdown(wait=False, cancel_futures=True)


_lock = threading.RLock()
_pools: list[tuple[tuple[Any, ...], ProcessPoolExecutor]] = []
_timers: list[threading.Timer] = []


def _pool(tools: Tools, many: bool) -> ProcessPoolExecutor | None:
    """The processes that have these tools: those that there are, new ones for many files."""
    with _lock:
        while _timers:
            _timers.pop().cancel()
        if _pools and all(a is b or a == b for a, b in zip(_pools[0][0], tools.given, strict=True)):
            return _pools[0][1]
        if not many or (os.cpu_count() or 1) < _PROCESSES:
            return None
        end()
        pool = ProcessPoolExecutor(_PROCESSES, get_context("spawn"), _begin)
        _pools.append((tools.given, pool))
        return pool


def _rest() -> None:
    with _lock:
        if _pools and not _timers:
            _timers.append(threading.Timer(_IDLE_SECONDS, end))
            _timers[0].daemon = True
            _timers[0].start()


def _asked(
    pool: ProcessPoolExecutor | None, tools: Tools, work: Callable[..., Answer], question: tuple[Any, ...]
) -> Future[Answer] | None:
    if pool is None:
        return None
    try:
        return pool.submit(_answer, tools.packed, work, *question)
    except RuntimeError:  # it broke or was ended meanwhile
        return None


_tools: list[tuple[bytes, Tools]] = []


def _begin() -> None:
    """In a process of the pool: leave Ctrl-C to the one that asks, and end when that is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _answer(packed: bytes, work: Callable[..., Any], *question: Any) -> Any:
    """In a process of the pool. The tools come with every question: what a process is begun with must fit into a pipe."""
    if not _tools or _tools[0][0] != packed:
        _tools[:] = [(packed, Tools(*pickle.loads(zlib.decompress(packed))))]
    return work(_tools[0][1], *question)
