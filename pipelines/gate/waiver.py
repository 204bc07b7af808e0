"""Waiving a finding: a person answers for publishing in spite of it. What a waiver changes is decided in ``decision``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.intake.ledger import Waiver

if TYPE_CHECKING:
    from pipelines.intake.ledger import Ledger


class WaiverError(Exception):
    """A waiver that nobody could be asked about later: without a name or without a reason."""


def waive(
    ledger: Ledger, rule: str, extract: str | None, period: str, reason: str, waived_by: str, waived_at: str
) -> None:
    """Enter in the ledger that the findings of ``rule`` (on ``extract``, or on all when None) of ``period`` do not withhold.

    ``waived_at`` is an ISO time in UTC, handed in. The next refresh publishes with a note. Raises WaiverError.
    """
    if not reason.strip() or not waived_by.strip():
        raise WaiverError("豁免须写明理由和责任人")
    ledger.waive(Waiver(rule, extract, period, reason.strip(), waived_by.strip(), waived_at))
