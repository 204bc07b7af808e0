"""The parent's side of the validation process: start it early, ask it while other work goes on, collect the report late."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO, Any

from expectations.report import AcceptedFile, Report


class ValidationFailed(RuntimeError):
    """The validation process broke; its last words are the message. Permanent: the same input breaks it again."""


class NothingAsked(RuntimeError):
    """A report was to be collected that nobody had asked for. Permanent: waiting for it would never end."""


class Child:
    """One ``python -m expectations``. Requests are answered in the order in which they were sent."""

    def __init__(self, log: Path) -> None:
        """Start it; what it says besides its answers goes to ``log``."""
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "expectations"],
            env={**os.environ, "GX_ANALYTICS_ENABLED": "false"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log.open("w", encoding="utf-8"),
            cwd=Path(__file__).resolve().parent.parent,
            text=True,
            encoding="utf-8",
        )
        assert self._process.stdout is not None
        self._awaited = 0
        self._answers: Queue[str] = Queue()
        Thread(target=_listen, args=(self._process.stdout, self._answers), daemon=True).start()

    def ask_rows(self, files: Sequence[AcceptedFile], listed: Path) -> None:
        """Have accepted rows judged; ``collect`` gives the report.

        The files are listed in a JSON file ``listed``: a pipe would hold the parent up until the child has imported.
        """
        listed.write_text(json.dumps([asdict(f) for f in files], ensure_ascii=False), encoding="utf-8")
        self._ask({"rows": str(listed)})

    def ask_figures(self, path: Path) -> None:
        """Have the figures in a Parquet file judged; ``collect`` gives the report."""
        self._ask({"figures": str(path)})

    def collect(self) -> Report:
        """Wait for the next report. Raises NothingAsked when each was collected, ValidationFailed when the process broke."""
        if not self._awaited:
            raise NothingAsked("every report that was asked for has been collected")
        self._awaited -= 1
        line = self._answer()
        if not line:
            raise self._broken()
        return Report.from_json(json.loads(line))

    def close(self) -> None:
        """End the process, whatever it is doing: it keeps nothing, and its libraries take seconds to say goodbye."""
        assert self._process.stdin is not None
        self._process.kill()
        self._process.wait()
        with suppress(BrokenPipeError):  # a request that the process did not live to hear
            self._process.stdin.close()

    def _ask(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request, ensure_ascii=False) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise self._broken() from error
        self._awaited += 1

    def _answer(self) -> str:
        """The next line of the process; "" once it has ended, even if something that it started holds the pipe open."""
        ended = False
        while True:
            try:
                return self._answers.get(timeout=1)
            except Empty:
                if ended:
                    return ""
                ended = self._process.poll() is not None

    def _broken(self) -> ValidationFailed:
        code = self._process.wait()
        said = self._log.read_text(encoding="utf-8")
        return ValidationFailed(f"the validation process ended with exit code {code}\n{said}")


def _listen(said: IO[str], answers: Queue[str]) -> None:
    """Hand over each line, and "" at the end."""
    with said:
        for line in said:
            answers.put(line)
    answers.put("")
