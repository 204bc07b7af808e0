"""House rules that no linter knows: what SQL may not do with facts that may be unknown, and what a repository may not hold.

Run by ``make lint``; prints one line per offence and exits 1 when there is one.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = (".py", ".sql", ".yml", ".yaml", ".toml", ".md", ".sh", ".css", ".js", ".lock", ".ipynb", ".csv")
LEFT_OUT = {
    ".venv",
    ".venv-bench",
    ".git",
    "data",
    "build",
    "target",
    "logs",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
}


@dataclass(frozen=True)
class HouseRule:
    """A pattern that may not stand in the files under ``where``, unless the line also matches ``unless``."""

    where: tuple[str, ...]
    pattern: re.Pattern[str]
    message: str
    unless: re.Pattern[str] | None = None


RULES = (
    HouseRule(
        ("dbt_project/models/staging", "dbt_project/models/intermediate", "dbt_project/models/measures"),
        re.compile(r"\b(coalesce|ifnull|nvl|bool_or|bool_and|sum)\s*\(|\belse\s+(0|false)\b|\bnot\s+in\b", re.I),
        "would turn unknown into a value: use a macro of macros/unknown.sql, or end the line with `-- known: <why>`",
        re.compile(r"-- known: \S"),
    ),
    HouseRule(
        ("dbt_project/models",),
        re.compile(
            r"\b(any_value|first|last|random|now|current_date|current_timestamp)\s*\(|\b(double|float|real)\b", re.I
        ),
        "does not give the same bytes every time",
    ),
    HouseRule(
        ("",),
        re.compile(r"(?<![\w.-])/(work|root|tmp|home)/\w|--(extra-)?index-url|--find-links"),
        "a path or a registry address of one machine",
        re.compile(r"house rule|--no-emit-index-url"),
    ),
)


def files(where: tuple[str, ...]) -> Iterator[Path]:
    """The source files under the folders ``where``, in order."""
    for start in where:
        for folder, folders, names in os.walk(ROOT / start):
            folders[:] = sorted(set(folders) - LEFT_OUT)
            for path in (Path(folder, name) for name in sorted(names)):
                if path.suffix in SOURCES and path != Path(__file__):
                    yield path


def offences() -> Iterator[str]:
    """Each offence as ``file:line: what it is``."""
    for rule in RULES:
        for path in files(rule.where):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                found = rule.pattern.search(line)
                if found and not (rule.unless and rule.unless.search(line)):
                    yield f"{path.relative_to(ROOT)}:{number}: {found[0].strip()!r} {rule.message}"


if __name__ == "__main__":
    found = list(offences())
    sys.stdout.writelines(f"{line}\n" for line in found)
    sys.exit(1 if found else 0)
