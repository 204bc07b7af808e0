"""What every benchmark shares: a command run and measured, the machine in a line, results written where the README quotes them."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.settings import PROJECT

RESULTS = PROJECT / "benchmarks" / "results"
README = PROJECT / "README.md"


@dataclass(frozen=True)
class Measured:
    """One run: wall-clock seconds of the whole process, of its parts by name, and its peak memory in MB."""

    whole: float
    parts: dict[str, float]
    peak_mb: float


def run(command: Sequence[str], home: Path) -> Measured:
    """Run a command on a data folder. Raises RuntimeError with the command's own words when it fails.

    The parts are the JSON object on its last line of output; a command that prints none has none.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        begun = time.perf_counter()
        child = subprocess.Popen(
            command, cwd=PROJECT, env=os.environ | {"FANGPIN_HOME": str(home)}, stdout=said, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        whole = time.perf_counter() - begun
        said.seek(0)
        lines = said.read().strip().splitlines()
    if child.returncode:
        raise RuntimeError("\n".join([f"{' '.join(command[:3])} … ended with {child.returncode}", *lines[-30:]]))
    parts = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
    return Measured(whole, parts, usage.ru_maxrss / 1024)


def machine() -> str:
    """The machine in a line: cores that this process may use, memory, system, Python."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return (
        f"{cores} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )


def marks(name: str) -> tuple[str, str]:
    """The lines of the README between which the results of the benchmark ``name`` stand."""
    return f"<!-- benchmarks.{name}: made, do not edit -->", f"<!-- benchmarks.{name}: end of the made part -->"


def embed(page: str, name: str, made: str) -> str:
    """``page`` with the part between the marks of ``name`` replaced. Raises ValueError when it has lost them."""
    first, last = marks(name)
    before, begin, rest = page.partition(first)
    _, end, after = rest.partition(last)
    if not (begin and end):
        raise ValueError(f"the page needs the lines {first!r} and {last!r}")
    return f"{before}{begin}\n\n{made}\n\n{end}{after}"


def publish(name: str, title: str, made: str) -> None:
    """Write results/<name>.md and the same text into the README."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text(f"# {title}\n\n{made}\n", encoding="utf-8")
    README.write_text(embed(README.read_text(encoding="utf-8"), name, made), encoding="utf-8")
