"""What a policy pack is once it has been read: the words of one jurisdiction, and the questions they answer.

Reading and checking files belongs in ``load``; no value of a document belongs in either.
"""

from __future__ import annotations

import re
from datetime import date
from datetime import date as Day
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from pipelines.periods import first_day, last_day, shift

Text = Annotated[str, Field(min_length=1)]
Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
Comparator = Literal[">", ">=", "<", "<=", "="]
Language = Literal["zh", "en"]
_NEEDED = re.compile(r"(?<![.\w])([a-z]\w*)(?:\.(\{[^}]*\}|[a-z][a-z0-9_*]*|\*))?")


class Part(BaseModel):
    """A piece of a pack: never changed once read, and without keys that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Title(Part):
    """What people call something, Chinese first."""

    zh: Text
    en: Text


class Document(Part):
    """A government document and the days on which it rules."""

    doc_no: Text
    title: Text
    issuer: Text
    date: Day
    effective_from: Day
    effective_to: Day | None


class Plan(Part):
    """The months of the plan; cumulative indicators count from its first."""

    from_: Month = Field(alias="from")
    to: Month


class Area(Part):
    """A node of the area tree. ``parent`` is empty for the root only."""

    code: Text
    name: Text
    level: Text
    parent: str


class AreaName(Part):
    """Another name of an area, in use from one day to another (open, when empty): before a renaming or merger, or as an alias.

    ``parent`` is the area under which files of that time list it, where that was not the one of today.
    """

    code: Text
    name: Text
    parent: str = ""
    from_: Annotated[date | None, BeforeValidator(lambda day: day or None)] = Field(alias="from", default=None)
    to: Annotated[date | None, BeforeValidator(lambda day: day or None)] = None


class Clause(Part):
    """One row of the clause register, every column as the register writes it."""

    id: Text
    system: str
    doc_no: Text
    section: str
    kind: Text
    subject_zh: Text
    subject_en: str
    quantity: str
    unit: str
    comparator: str
    due: str
    owner_dept_zh: str
    population: str
    quote: Text
    data_needed: str
    measurable: Literal["yes", "partly", "no"]

    @cached_property
    def needs(self) -> dict[str, tuple[str, ...]]:
        """Every name in ``data_needed`` that may be an extract's → the fields of it that are named: none, some, or patterns with ``*``.

        It is written ``a.x; b.{y,z='word'}; c.*; d.e_*``, or in words (``a, b joined on x``), whose other words are names as well.
        """
        found: dict[str, tuple[str, ...]] = {}
        for name, fields in _NEEDED.findall(self.data_needed):
            named = [field.partition("=")[0].strip() for field in fields.strip("{}").split(",")]
            found[name] = tuple(dict.fromkeys([*found.get(name, ()), *filter(None, named)]))
        return found


class Code(Part):
    """A code: the Chinese words that mean it (the first is the one shown), its English title, the groups it belongs to."""

    zh: Annotated[tuple[Text, ...], Field(min_length=1)]
    en: Text
    groups: tuple[Text, ...] = ()


class Rule(Part):
    """One dated version of a warning rule: measure, window, comparator, threshold (in ``unit``), whom it applies to.

    ``applies_to`` is ``all`` or a code of the map ``hh_type``.
    """

    rule: Text
    title: Title
    clause: Text
    measure: Text
    window: Text
    comparator: Comparator
    threshold: Decimal
    unit: Text
    applies_to: Text
    effective_from: date
    effective_to: date | None


class Target(Part):
    """A value that an indicator must reach by the end of the month ``due``; without ``area`` it is the root's."""

    target: Text
    indicator: Text
    clause: Text
    comparator: Comparator
    value: Decimal
    unit: Text
    due: Month
    from_: Month | None = Field(alias="from", default=None)
    area: str | None = None
    breakdown: str = ""


class Department(Part):
    """One name of a department, with the days on which it bore it when it was renamed.

    With a ``level`` it is each area of that level that answers, under its own name.
    """

    name: Text
    en: Text
    level: str = ""
    effective_from: date | None = None
    effective_to: date | None = None


class Deadline(Part):
    """A dated duty: due on ``day`` of the month that is ``months_after`` the reported one (for ``extract``, or for all)."""

    duty: Text
    clause: Text
    months_after: Annotated[int, Field(ge=0)]
    day: Annotated[int, Field(ge=1, le=31)]
    extract: str | None = None


class Pack(Part):
    """A checked policy pack. ``sha256`` is over the names and bytes of all its files."""

    name: Text
    title: Title
    area: Text
    documents: tuple[Document, ...]
    plan: Plan
    areas: tuple[Area, ...]
    area_names: tuple[AreaName, ...] = ()
    clauses: dict[str, Clause]
    codes: dict[str, dict[str, Code]]
    rules: tuple[Rule, ...]
    targets: tuple[Target, ...]
    departments: dict[str, tuple[Department, ...]]
    deadlines: tuple[Deadline, ...]
    sha256: str

    def department_name(self, department: str, period: str | None = None, area: str | None = None) -> str:
        """The Chinese name that a department bore at the end of ``period`` (its latest, without one).

        Where each area of a level answers (``townships``, ``villages``), it is the name of ``area`` when that is one of them.
        Raises KeyError for a department that the pack does not name.
        """
        names = self.departments[department]
        day = last_day(period) if period else date.max
        borne = [n for n in names if _covers(n.effective_from, n.effective_to, day, day)]
        found = (borne or names)[-1]
        answering = self._areas.get(area) if area and found.level else None
        return answering.name if answering and answering.level == found.level else found.name

    def deadline(self, extract: str, period: str) -> date:
        """The last day on which the data of ``period`` are on time, as calendar.yml says; month ends are kept to.

        An entry that names the extract goes before the entry for all. Raises LookupError when there is neither.
        """
        duties = [d for d in self.deadlines if d.duty == "extract" and d.extract in (extract, None)]
        if not duties:
            raise LookupError(f"{self.name}/calendar.yml has no deadline for {extract}")
        duty = max(duties, key=lambda d: d.extract is not None)
        end = last_day(shift(period, duty.months_after))
        return end.replace(day=min(duty.day, end.day))

    def clauses_needing(self, *extracts: str | None) -> list[Clause]:
        """The clauses whose ``data_needed`` names one of these extracts, in the order of the register."""
        return [clause for clause in self.clauses.values() if any(extract in clause.needs for extract in extracts)]

    def rules_in_force(self, period: str) -> list[Rule]:
        """The rules in force on any day of the month, one version of each: the later one when it changed within the month."""
        met = [r for r in self.rules if _covers(r.effective_from, r.effective_to, first_day(period), last_day(period))]
        return list({r.rule: r for r in sorted(met, key=lambda r: r.effective_from)}.values())

    def code_for(self, code_map: str, word: str) -> str | None:
        """The code that a department's word means, spaces aside; None when no code lists the word."""
        return self._words[code_map].get(squeeze(word))

    def code_title(self, code_map: str, code: str, lang: Language = "zh") -> str:
        """The word shown for a code."""
        found = self.codes[code_map][code]
        return found.zh[0] if lang == "zh" else found.en

    @cached_property
    def _areas(self) -> dict[str, Area]:
        return {a.code: a for a in self.areas}

    @cached_property
    def _words(self) -> dict[str, dict[str, str]]:
        return {m: {squeeze(w): c for c, code in codes.items() for w in code.zh} for m, codes in self.codes.items()}


def squeeze(word: str) -> str:
    """A word without any white space, full-width included."""
    return "".join(word.split())


def _covers(start: date | None, end: date | None, first: date, last: date) -> bool:
    return (start is None or start <= last) and (end is None or first <= end)
