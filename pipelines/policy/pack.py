"""What a policy pack is once it has been read: the words of one jurisdiction, and the questions they answer.

Reading and checking files belongs in ``load``; no value of a document belongs in either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from pipelines.periods import first_day, last_day
from pipelines.policy.calendar import Due, Duty, WorkingDays, days_of, due_on, occurrences
from pipelines.policy.parts import Comparator, Day, Language, Month, Part, Text, Title, covers, fault

_NEEDED = re.compile(r"(?<![.\w])([a-z]\w*)(?:\.(\{[^}]*\}|[a-z][a-z0-9_*]*|\*))?")
RULING = "ruling_document"  # the setting that says which document rules where several speak of one subject


class Document(Part):
    """A government document and the days on which it rules."""

    doc_no: Text
    title: Text
    also_titled: tuple[Text, ...] = ()
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
    doc: str
    doc_no: Text
    issuer: str
    date: str
    section: str
    kind: Text
    subject_zh: Text
    subject_en: str
    quantity: str
    unit: str
    comparator: str
    due: str
    owner_dept_zh: str
    other_depts_zh: str
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

    @cached_property
    def selects(self) -> set[str]:
        """The fields that say of which rows the others are asked (``y='word'``): a table of only such rows need not have them."""
        return set(re.findall(r"(\w+)\s*=\s*'", self.data_needed))


class Code(Part):
    """A code: the Chinese words that mean it (the first is the one shown), its English title, the groups it belongs to.

    ``common`` is the code of the map ``common_<map>`` that other counties share, where there is such a map.
    """

    zh: Annotated[tuple[Text, ...], Field(min_length=1)]
    en: Text
    groups: tuple[Text, ...] = ()
    common: str = ""


Value = Decimal | bool | str | tuple[str, ...] | dict[str, str]


class SettingValue(Part):
    """A value and the days on which it holds: a clause gives it, or the setting's owner did on ``set_on`` (not from the text).

    ``product`` names the settings that the value is the product of (a line that is a multiple of another), wherever all have one.
    """

    value: Value | None = None
    product: tuple[Text, ...] = ()
    clause: Text | None = None
    set_on: Day | None = None
    effective_from: Day | None = None
    effective_to: Day | None = None

    @model_validator(mode="after")
    def _whence(self) -> SettingValue:
        if (self.clause is None) == (self.set_on is None):
            raise fault("出处没有恰好写一个", "文件写明的写 clause，文件没有写明的写 set_on（归口部门定的日期）")
        if (self.value is None) == (not self.product):
            raise fault("value 与 product 没有恰好写一个", "直接给出的写 value，由其他参数相乘的写 product")
        return self


class Setting(Part):
    """What the clauses leave to the county, or give with a date: unset while it has no value. ``owner`` is a department id."""

    setting: Text
    title: Title
    clauses: Annotated[tuple[Text, ...], Field(min_length=1)]
    owner: Text
    unit: str = ""
    values: tuple[SettingValue, ...] = ()


class RuleEntry(Part):
    """A version of a warning rule as rules.yml writes it.

    The threshold is a number or the name of a setting. ``awaits`` says which measure the rule waits for, where none is there.
    Without dates of its own it holds while the document of its clause does. Two documents may rule on one ``subject``.
    """

    rule: Text
    title: Title
    clause: Text
    measure: str = ""
    awaits: str = ""
    window: Text
    comparator: Comparator
    threshold: Decimal | None = None
    setting: str = ""
    unit: Text
    applies_to: Text
    subject: str = ""
    effective_from: Day | None = None
    effective_to: Day | None = None

    @model_validator(mode="after")
    def _whole(self) -> RuleEntry:
        if bool(self.measure) == bool(self.awaits):
            raise fault("measure 与 awaits 没有恰好写一个", "用哪个测量值写 measure，尚待哪个测量值写 awaits")
        if (self.threshold is None) == (not self.setting):
            raise fault("threshold 与 setting 没有恰好写一个", "数值写 threshold，由待定参数定的写 setting")
        return self


class Rule(Part):
    """A version of a warning rule in force: measure, window, comparator, threshold (in ``unit``), whom it applies to, from when.

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
    effective_from: Day
    effective_to: Day | None


class TargetEntry(Part):
    """A target as targets.yml writes it: its value is a number or the name of a setting; ``awaits`` as in RuleEntry.

    ``owner`` is a department id.
    """

    target: Text
    indicator: str = ""
    awaits: str = ""
    clause: Text
    owner: str = ""
    comparator: Comparator
    value: Decimal | None = None
    setting: str = ""
    unit: Text
    due: Month
    from_: Month | None = Field(alias="from", default=None)
    area: str | None = None
    breakdown: str = ""

    @model_validator(mode="after")
    def _whole(self) -> TargetEntry:
        if bool(self.indicator) == bool(self.awaits):
            raise fault("indicator 与 awaits 没有恰好写一个", "用哪个指标写 indicator，尚待哪个指标写 awaits")
        if (self.value is None) == (not self.setting):
            raise fault("value 与 setting 没有恰好写一个", "数值写 value，由待定参数定的写 setting")
        return self


class Target(Part):
    """A value that an indicator must reach by the end of the month ``due``; without ``area`` it is the root's."""

    target: Text
    indicator: Text
    clause: Text
    owner: str
    comparator: Comparator
    value: Decimal
    unit: Text
    due: Month
    from_: Month | None = Field(alias="from", default=None)
    area: str | None = None
    breakdown: str = ""


class Idle(Part):
    """A rule, target or duty of a pack that does nothing in a period, and why not (in Chinese)."""

    kind: Literal["rule", "target", "duty"]
    name: Text
    clause: str
    why: Text


class Department(Part):
    """One name of a department, with the days on which it bore it when it was renamed.

    With a ``level`` it is each area of that level that answers, under its own name.
    """

    name: Text
    en: Text
    aliases: tuple[Text, ...] = ()
    level: str = ""
    effective_from: date | None = None
    effective_to: date | None = None


class Pack(Part):
    """A checked policy pack. ``sha256`` is over the names and bytes of all its files and of its base's.

    ``rules`` are the versions that can warn, with the days on which they do; ``rule_entries`` are all that rules.yml writes.
    ``targets`` are those that have an indicator and a value; ``target_entries`` are all that targets.yml writes.
    """

    name: Text
    title: Title
    area: Text
    documents: tuple[Document, ...]
    plan: Plan
    areas: tuple[Area, ...]
    area_names: tuple[AreaName, ...] = ()
    clauses: dict[str, Clause]
    codes: dict[str, dict[str, Code]]
    settings: dict[str, Setting]
    rules: tuple[Rule, ...]
    rule_entries: tuple[RuleEntry, ...]
    targets: tuple[Target, ...]
    target_entries: tuple[TargetEntry, ...]
    departments: dict[str, tuple[Department, ...]]
    duties: tuple[Duty, ...]
    working_days: WorkingDays
    sha256: str

    def department_name(self, department: str, period: str | None = None, area: str | None = None) -> str:
        """The Chinese name that a department bore at the end of ``period`` (its latest, without one).

        Where each area of a level answers (``townships``, ``villages``), it is the name of ``area`` when that is one of them.
        Raises KeyError for a department that the pack does not name.
        """
        names = self.departments[department]
        day = last_day(period) if period else date.max
        borne = [n for n in names if covers(n.effective_from, n.effective_to, day, day)]
        found = (borne or names)[-1]
        answering = self._areas.get(area) if area and found.level else None
        return answering.name if answering and answering.level == found.level else found.name

    def department_for(self, name: str) -> str | None:
        """The id of the department that bears or bore a name, or goes by it; None when the pack names nobody so."""
        return self._department_ids.get(squeeze(name))

    def deadline(self, extract: str, period: str) -> date:
        """The last day on which the data of ``period`` are on time, as calendar.yml says; month ends are kept to.

        A duty that names the extract goes before the one for all. Raises LookupError when there is neither.
        """
        own = [d for d in self.duties if d.extracts != "all" and extract in d.extracts]
        for duty in (*own, *(d for d in self.duties if d.extracts == "all")):
            return due_on(duty, period, self.working_days)
        raise LookupError(f"{self.name}/calendar.yml has no deadline for {extract}")

    def duties_due(self, first: date, last: date) -> list[Due]:
        """Every duty due from ``first`` to ``last``, both included, in the order of the days.

        A duty falls due on the days on which it holds (its document's, unless it has its own), and its document rules.
        """
        found = []
        for duty in self.duties:
            about = duty.model_dump(include={"duty", "title", "clause", "owes"})
            every = str(duty.every or self.setting(duty.setting or "", day=first))
            if every == "None":
                continue
            for start, end in self._spans(duty):
                for period, day in occurrences(duty, every, max(first, start), min(last, end), self.working_days):
                    begin, over = days_of(duty, period)
                    begin = max(start, first_day(self.plan.from_)) if every == "once" else begin
                    found.append(Due(**about, period=period, date=day, first=begin, last=max(over, day)))
        return sorted(found, key=lambda due: (due.date, due.duty))

    def evidenced(self, period: str) -> list[Duty]:
        """The duties that hold in a month, whose interval is set, and of which the calendar says what shows them done."""
        first, last = first_day(period), last_day(period)
        return [
            duty
            for duty in self.duties
            if duty.evidence
            and (duty.every or self.setting(duty.setting or "", period))
            and any(covers(start, end, first, last) for start, end in self._spans(duty))
        ]

    def setting(self, name: str, period: str | None = None, *, day: date | None = None) -> Value | None:
        """The value of a setting at the end of ``period`` (on ``day``, or its latest without either); None when it is unset.

        Raises KeyError for a setting that the pack does not have.
        """
        on = day or (last_day(period) if period else None)
        values = self.settings[name].values
        held = [v for v in values if on is None or covers(v.effective_from, v.effective_to, on, on)]
        return held[-1].value if held else None

    def in_force(self, name: str, period: str) -> Value | None:
        """The value of a setting in a period; None where it is unset, or where the county's documents have no such setting."""
        return self.setting(name, period) if name in self.settings else None

    def resolved(self) -> Pack:
        """The pack with ``rules`` and ``targets`` worked out from their entries, the settings and the dates of the documents."""
        rules = [rule for entry in self.rule_entries for rule in self._versions(entry)]
        targets = [target for entry in self.target_entries for target in self._target(entry)]
        return self.model_copy(update={"rules": tuple(rules), "targets": tuple(targets)})

    def idle(self, period: str) -> list[Idle]:
        """The rules, targets and duties that do nothing in a period, each with the reason."""
        found: dict[tuple[Literal["rule", "target", "duty"], str], tuple[str, str]] = {}
        warned = {rule.rule for rule in self.rules_in_force(period)}
        for entry in self.rule_entries:
            if entry.rule not in warned:
                found["rule", entry.rule] = (entry.clause, self._why_idle(entry, period))
        working = {target.target for target in self.targets}
        for goal in self.target_entries:
            if goal.target not in working:
                why = f"尚无指标 {goal.awaits}" if goal.awaits else f"待定参数 {goal.setting} 没有设定"
                found["target", goal.target] = (goal.clause, why)
        for duty in self.duties:
            if duty.setting and self.setting(duty.setting, period) is None:
                found["duty", duty.duty] = (duty.clause or "", f"待定参数 {duty.setting} 没有设定")
        return [Idle(kind=kind, name=name, clause=clause, why=why) for (kind, name), (clause, why) in found.items()]

    def clauses_needing(self, *extracts: str | None) -> list[Clause]:
        """The clauses whose ``data_needed`` names one of these extracts, in the order of the register."""
        return [clause for clause in self.clauses.values() if any(extract in clause.needs for extract in extracts)]

    def rules_in_force(self, when: str | date) -> list[Rule]:
        """The rules in force on a day, or on any day of a month: one version of each, the later one when it changed within the month."""
        first, last = (when, when) if isinstance(when, date) else (first_day(when), last_day(when))
        met = [r for r in self.rules if covers(r.effective_from, r.effective_to, first, last)]
        return list({r.rule: r for r in sorted(met, key=lambda r: r.effective_from)}.values())

    def code_for(self, code_map: str, word: str) -> str | None:
        """The code that a department's word means, spaces aside: a word that it lists, or the code itself; None when there is none."""
        return self._words[code_map].get(squeeze(word))

    def code_title(self, code_map: str, code: str, lang: Language = "zh") -> str:
        """The word shown for a code."""
        found = self.codes[code_map][code]
        return found.zh[0] if lang == "zh" else found.en

    def _versions(self, entry: RuleEntry) -> Iterator[Rule]:
        if not entry.measure:
            return
        for start, end in self._spans(entry):
            values: list[tuple[date, date, Value | None]] = [(start, end, entry.threshold or Decimal(0))]
            if entry.setting:
                dated = self.settings[entry.setting].values
                values = [(v.effective_from or date.min, v.effective_to or date.max, v.value) for v in dated]
            for first, last, value in values:
                if isinstance(value, Decimal) and first <= end and start <= last:
                    until = min(end, last)
                    yield Rule(
                        **entry.model_dump(
                            include=set(Rule.model_fields) - {"threshold", "effective_from", "effective_to"}
                        ),
                        threshold=value,
                        effective_from=max(start, first),
                        effective_to=None if until == date.max else until,
                    )

    def _target(self, entry: TargetEntry) -> Iterator[Target]:
        value = self.setting(entry.setting, entry.due) if entry.setting else entry.value
        if entry.indicator and isinstance(value, Decimal):
            yield Target(**entry.model_dump(exclude={"awaits", "setting", "value"}), value=value)

    def _why_idle(self, entry: RuleEntry, period: str) -> str:
        start, end = self._holds(entry)
        reasons = [f"尚无测量值 {entry.awaits}"] if entry.awaits else []
        if last_day(period) < start:
            reasons.append(f"{start} 起施行")
        if end < first_day(period):
            reasons.append(f"已于 {end} 失效")
        if entry.setting and self.setting(entry.setting, period) is None:
            owner = self.department_name(self.settings[entry.setting].owner, period)
            reasons.append(f"待定参数 {entry.setting} 在 {period} 没有值，由{owner}设定")
        return "；".join(reasons or ["同一事项由另一文件规定"])

    def _holds(self, item: RuleEntry | Duty) -> tuple[date, date]:
        """The first and last day of a rule or duty: its own, else those of the document of its clause."""
        document = self._documents[self.clauses[item.clause].doc_no] if item.clause else None
        start = item.effective_from or (document.effective_from if document else date.min)
        return start, item.effective_to or (document and document.effective_to) or date.max

    def _spans(self, item: RuleEntry | Duty) -> list[tuple[date, date]]:
        """The days on which a rule or duty holds, without those on which another document rules on its subject."""
        spans = [self._holds(item)]
        said = self.setting(RULING) if RULING in self.settings and item.subject and item.clause else "both"
        word = said.get(item.subject, "both") if isinstance(said, dict) else said
        if word != "both":
            rivals: Iterable[RuleEntry | Duty] = self.rule_entries if isinstance(item, RuleEntry) else self.duties
            own = self._document(item)
            for rival in rivals:
                other = self._document(rival) if rival.subject == item.subject and rival.clause else own
                if other != own and (other.doc_no == word if word != "latest" else other.date > own.date):
                    spans = [left for span in spans for left in _without(span, self._holds(rival))]
        return spans

    def _document(self, item: RuleEntry | Duty) -> Document:
        return self._documents[self.clauses[item.clause or ""].doc_no]

    @cached_property
    def _documents(self) -> dict[str, Document]:
        return {d.doc_no: d for d in self.documents}

    @cached_property
    def _department_ids(self) -> dict[str, str]:
        return {
            squeeze(n): d for d, names in self.departments.items() for item in names for n in (item.name, *item.aliases)
        }

    @cached_property
    def _areas(self) -> dict[str, Area]:
        return {a.code: a for a in self.areas}

    @cached_property
    def _words(self) -> dict[str, dict[str, str]]:
        return {
            m: {c: c for c in codes} | {squeeze(w): c for c, code in codes.items() for w in code.zh}
            for m, codes in self.codes.items()
        }


def squeeze(word: str) -> str:
    """A word without any white space, full-width included."""
    return "".join(word.split())


def _without(span: tuple[date, date], taken: tuple[date, date]) -> Iterator[tuple[date, date]]:
    """What is left of a span of days when those of another are taken out of it."""
    (start, end), (first, last) = span, taken
    if last < start or end < first:
        yield span
        return
    if start < first:
        yield start, first - timedelta(days=1)
    if last < end:
        yield last + timedelta(days=1), end
