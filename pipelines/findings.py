"""What a check found. Intake, expectations, dbt tests and the gate all speak through this one record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """One fault, its place and its remedy.

    ``error`` withholds the figures that depend on the extract, period and area; ``warning`` lets them be published with a
    note; ``note`` only informs. ``row`` is the row as Excel shows it. ``found`` never holds personal data.
    ``area`` None means everywhere that the submission covers. ``indicators`` names figures directly, for checks over models.
    """

    source: Literal["intake", "expectations", "dbt", "gate"]
    rule: str
    message: str
    severity: Severity
    remedy: str
    department: str | None = None
    extract: str | None = None
    period: str | None = None
    area: str | None = None
    submission: int | None = None
    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    found: str | None = None
    indicators: tuple[str, ...] = ()
