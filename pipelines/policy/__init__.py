"""One jurisdiction's documents, clauses, rules, targets, calendar and words as data: read, checked, asked."""

from pipelines.policy.load import PolicyError, Problem, load_pack
from pipelines.policy.pack import (
    Area,
    Clause,
    Code,
    Deadline,
    Department,
    Document,
    Pack,
    Plan,
    Rule,
    Target,
    Title,
)

__all__ = [
    "Area",
    "Clause",
    "Code",
    "Deadline",
    "Department",
    "Document",
    "Pack",
    "Plan",
    "PolicyError",
    "Problem",
    "Rule",
    "Target",
    "Title",
    "load_pack",
]
