"""What goes in and out of a validation, as plain values that travel between processes as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from pipelines.findings import Finding, Severity


@dataclass(frozen=True)
class AcceptedFile:
    """The accepted rows of one submission and what is needed to name its cells.

    ``headers``: contract column → header text as the file shows it. ``judged`` is False for a file that is only compared with.
    """

    extract: str
    department: str
    period: str
    submission: int
    file: str
    path: str
    sheets: tuple[str, ...]
    headers: dict[str, str]
    judged: bool = True


@dataclass(frozen=True)
class Outcome:
    """How one check came out: how many rows of its frame were judged, and how many broke it."""

    extract: str
    check: str
    severity: Severity
    judged: int
    broken: int


@dataclass(frozen=True)
class Report:
    """The findings and outcomes of a validation. A check that had nothing to judge has no outcome."""

    findings: tuple[Finding, ...]
    outcomes: tuple[Outcome, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values for ``json.dumps``."""
        return {"findings": [asdict(f) for f in self.findings], "outcomes": [asdict(o) for o in self.outcomes]}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Report:
        """Back from ``as_json``."""
        return cls(findings_from(plain["findings"]), tuple(Outcome(**o) for o in plain["outcomes"]))


def findings_from(plain: Iterable[dict[str, Any]]) -> tuple[Finding, ...]:
    """Findings back from their plain values (JSON turns tuples into lists)."""
    return tuple(Finding(**{**f, "indicators": tuple(f["indicators"])}) for f in plain)
