"""Great Expectations over accepted rows and over figures, as sets. What one cell or key must be belongs to the contracts (intake)."""

from expectations import casework, causes, economy, figures, housing, people, registers, services
from expectations.check import Check, Suite
from expectations.report import AcceptedFile, Outcome, Report

SUITES: dict[str, tuple[Suite, ...]] = (
    registers.SUITES
    | people.SUITES
    | services.SUITES
    | housing.SUITES
    | economy.SUITES
    | casework.SUITES
    | causes.SUITES
    | figures.SUITES
)


def checks_of(extract: str) -> list[Check]:
    """Every check of an extract (or of ``figures``), in order; none for an extract without a suite."""
    return [check for suite in SUITES.get(extract, ()) for check in suite.checks]


__all__ = ["SUITES", "AcceptedFile", "Check", "Outcome", "Report", "Suite", "checks_of"]
