"""Workbooks opened in a process of their own: a damaged one may crash, hang or eat memory there, and the other files go on.

Only .xlsx and .xls bytes to rows of text belong here; what is a table is not known.
"""

from __future__ import annotations

import atexit
import io
import marshal
import os
import struct
import subprocess
import sys
import threading
import zipfile
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from pipelines.intake import concealed

Merged = tuple[tuple[int, int], tuple[int, int]]

_PATIENCE = 120  # seconds by the clock, for a machine with much else to do
_LOOKS = 0.5  # seconds between two looks at what it does
_ASLEEP = 6  # looks at which a process that was asked neither works nor ends: its parser locks up where memory ends
_SECONDS, _SECONDS_A_MEGABYTE = 5, 2  # of the processor
_MEMORY, _MEMORY_A_BYTE, _MOST_MEMORY = 768 << 20, 64, 2 << 30
_UNFOLDED, _FOLDED = 64 << 20, 120  # bytes and times that a part may unfold to; more is a bomb
_EXACT = 10**15
_SIZE = struct.Struct(">q")


class Damaged(Exception):
    """The workbook cannot be opened, or not with the time and memory that its size allows."""


class Locked(Exception):
    """The workbook has a password."""


def open_workbook(data: bytes) -> list[tuple[str, list[list[str]], list[Merged], concealed.Concealed]]:
    """Name, rows of text (the first is Excel's row 1, the first cell column A; short rows end early), merged ranges and what is
    hidden of every sheet; a chart sheet has no rows. Raises Damaged, Locked.
    """
    with _lock:
        answer = _worker().ask(_SIZE.pack(len(data)), data)
    if answer is None:
        raise Damaged
    state, sheets = marshal.loads(answer)
    if state == "read":
        return list(sheets)
    raise Locked if state == "locked" else Damaged


class _Worker:
    """The other process. It ends with this one, or when a workbook was too much for it."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        atexit.register(self.end)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def process_id(self) -> int:
        return self._process.pid

    def ask(self, *question: bytes) -> bytes | None:
        """The answer, or None when the process did not live to give one."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        answered = threading.Event()
        try:
            self._process.stdin.write(b"".join(question))
            self._process.stdin.flush()
            threading.Thread(target=self._watch, args=(answered,), daemon=True).start()
            answer = _message(self._process.stdout)
        except BrokenPipeError:
            answer = None
        finally:
            answered.set()
        if answer is None:
            self.end()
        return answer

    def _watch(self, answered: threading.Event) -> None:
        """Kill the process when it takes too long, or sleeps over the question."""
        used, asleep = None, 0
        for _ in range(int(_PATIENCE / _LOOKS)):
            if answered.wait(_LOOKS):
                return
            before, used = used, _used_asleep(self._process.pid)
            asleep = asleep + 1 if used is not None and used == before else 0
            if asleep >= _ASLEEP:
                break
        self._process.kill()

    def end(self) -> None:
        atexit.unregister(self.end)
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None and not pipe.closed:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue


_lock = threading.Lock()
_workers: list[_Worker] = []


def reader_pids() -> list[int]:
    """The other processes that read workbooks for this one now."""
    return [worker.process_id for worker in _workers if worker.alive]


def _worker() -> _Worker:
    """The worker of this process (a forked child starts its own)."""
    if not _workers or not _workers[0].alive or _workers[0].pid != os.getpid():
        _workers[:] = [_Worker()]
    return _workers[0]


def _used_asleep(pid: int) -> str | None:
    """How much of the processor a process has used; None when it is not asleep, or where that cannot be seen."""
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return "/".join(rest[10:12]) if state == "S" else None


def _message(pipe: Any) -> bytes | None:
    head = pipe.read(_SIZE.size)
    if len(head) < _SIZE.size:
        return None
    (size,) = _SIZE.unpack(head)
    body: bytes = pipe.read(size)
    return body if len(body) == size else None


def _serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there are no more questions. What kills this process is an answer, too."""
    while head := questions.read(_SIZE.size):
        (size,) = _SIZE.unpack(head)
        _limit(size)
        answer = marshal.dumps(_read(questions.read(size)))
        answers.write(_SIZE.pack(len(answer)) + answer)
        answers.flush()


def _limit(size: int) -> None:
    """Give this process the time and memory that a workbook of so many bytes may need from here on."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + _SECONDS + _SECONDS_A_MEGABYTE * (size >> 20)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_AS, (min(_MEMORY + _MEMORY_A_BYTE * size, _MOST_MEMORY), _MOST_MEMORY))


def _bomb(data: bytes) -> bool:
    """Whether a part of an .xlsx says that it unfolds to more than sheets do."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            return any(p.file_size > max(_UNFOLDED, _FOLDED * p.compress_size) for p in parts.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
        return False  # the parser says what is wrong with it


def _read(data: bytes) -> tuple[str, list[Any]]:
    import python_calamine

    if data.startswith(b"PK") and _bomb(data):
        return "damaged", []
    try:
        book = python_calamine.load_workbook(io.BytesIO(concealed.with_known_code_page(data)))
        unseen = concealed.unseen(data)
        sheets = []
        for index, about in enumerate(book.sheets_metadata):
            grid, merged = [], []
            if about.typ == python_calamine.SheetTypeEnum.WorkSheet:
                sheet = book.get_sheet_by_index(index)
                grid = sheet.to_python(skip_empty_area=False)
                merged = list(sheet.merged_cell_ranges or ())
            more = unseen.get(index, concealed.Unseen())
            for row, column in more.percents:
                if row < len(grid) and column < len(grid[row]):
                    grid[row][column] = _as_shown(grid[row][column])
            texts = [[] if row.count("") == len(row) else _trimmed(_texts(row)) for row in grid]
            _put_in(texts, more.words)
            hidden = about.visible != python_calamine.SheetVisibleEnum.Visible
            sheets.append((about.name, texts, merged, (hidden, more.rows, more.columns)))
    except python_calamine.PasswordError:
        return "locked", []
    except python_calamine.CalamineError:
        return "damaged", []
    return "read", sheets


def _put_in(texts: list[list[str]], words: Mapping[concealed.Cell, str]) -> None:
    """Put words into cells that the parser left empty, also beyond the range that it saw."""
    for (row, column), text in words.items():
        texts += [[] for _ in range(row + 1 - len(texts))]
        texts[row] += [""] * (column + 1 - len(texts[row]))
        texts[row][column] = texts[row][column] or text


def _as_shown(cell: Any) -> Any:
    """A number that its cell shows as per cent, as text: 0.1972 → ``19.72%``."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return cell
    return f"{(Decimal(repr(cell)) * 100).normalize():f}%"


def _texts(row: list[Any]) -> list[str]:
    return [cell if cell.__class__ is str else _text(cell) for cell in row]


def _text(cell: Any) -> str:
    """A cell's value as text. A number of more than 15 digits keeps the mark of its lost digits: ``.0`` or ``e+17``."""
    match cell:
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT else repr(cell)
        case int():
            return str(cell) if abs(cell) < _EXACT else repr(float(cell))
        case datetime():
            return str(cell.date()) if cell.time() == time() else cell.isoformat(sep=" ")
        case date() | time() | timedelta():
            return str(cell)
        case _:
            raise TypeError(f"calamine gave a {type(cell).__name__}")


def _trimmed(row: list[str]) -> list[str]:
    end = len(row)
    while end and not row[end - 1]:
        end -= 1
    return row[:end]


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
