"""One jurisdiction's documents, clauses, rules, targets, calendar and words as data: read, checked, asked."""

from pipelines.policy.calendar import CalendarError, Due, Duty, Evidence, Reading, WorkingDays
from pipelines.policy.load import PolicyError, Problem, load_pack, shipped_settings
from pipelines.policy.pack import (
    Area,
    Clause,
    Code,
    Department,
    Document,
    Idle,
    Pack,
    Plan,
    Rule,
    RuleEntry,
    Setting,
    Target,
    TargetEntry,
)
from pipelines.policy.parts import Title

__all__ = [
    "Area",
    "CalendarError",
    "Clause",
    "Code",
    "Department",
    "Document",
    "Due",
    "Duty",
    "Evidence",
    "Idle",
    "Pack",
    "Plan",
    "PolicyError",
    "Problem",
    "Reading",
    "Rule",
    "RuleEntry",
    "Setting",
    "Target",
    "TargetEntry",
    "Title",
    "WorkingDays",
    "load_pack",
    "shipped_settings",
]
