"""What the statistics are: indicators, measures, subjects and facts, read from the yml beside the dbt models.

The yml is the one place of a definition. dbt makes contributions from it; this module makes from it what a build and a release
need: which figures there must be, which extracts each waits for, what each is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal, Self, cast

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from pipelines import yml
from pipelines.intake.contract import REGISTERS, load_contracts
from pipelines.periods import WINDOWS, Window
from pipelines.policy import Pack, Rule, RuleEntry, shipped_settings
from pipelines.settings import PROJECT

DBT_PROJECT = PROJECT / "dbt_project"
FACT = re.compile(r"([a-z][a-z0-9_]*?)__[a-z]")
SETTING = re.compile(r"\bsetting\.(\w+)")
LISTED = re.compile(r"\barray_contains\(\s*setting\.(\w+)")
GROUP = re.compile(
    r"\.map = '(\w+)' and \w+\.member_of = '(\w+)'|'\w+': \['\w+', '(\w+)', '(\w+)'\]"
)  # a join, or row_subject's
UNKNOWN = "unknown"
ADDED_UP: tuple[Window, ...] = ("quarter", "year")  # what the months of a measure that adds may make for a rule
UNIT = "unit"  # the code map of the units that must not be taken for each other
BY_MEASURE, BY_EXTRACT, BY_DUTY, BY_CODE = "by_measure", "by_extract", "by_duty", "by_code"
OF_THE_BUILD = ("rule", "extract", "duty", "department")  # what a breakdown may be of beside the code maps of the pack


class IndicatorError(ValueError):
    """The definitions do not fit together; the message lists every fault with its file and what to do."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(_Part):
    """A title or unit in both languages."""

    zh: str
    en: str


class Breakdown(_Part):
    """A dimension: the column that gives its value and the code map that lists the values there may be."""

    column: str
    codes: str


class Ratio(_Part):
    """Two additive indicators, of which one is divided by the other."""

    numerator: str
    denominator: str


class Derived(Ratio):
    """scale × numerator / denominator over two additive figures of the same area and period, rounded half up once.

    With ``by`` the numerator is taken for each value of that breakdown, and the denominator for all of them together (``share_of:
    whole``) or for the same value (``value``). ``growth`` says by how much the numerator is above the denominator, in parts of it:
    scale × (numerator − denominator) / denominator, unknown where anything of either is. Its denominator is the same statistic of
    an earlier period (``window: year_ago``). ``less`` takes off another such quotient, rounded as this one is: the share of a
    year ago, for a rise in points; the growth of a whole that this one is held against. Unknown where anything of the four sides is.
    """

    by: str | None = None
    share_of: Literal["whole", "value"] = "whole"
    scale: int = 1
    decimals: int
    growth: bool = False
    less: Ratio | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The additive indicators that it is made of: numerator and denominator, then those of what is taken off."""
        less = (self.less.numerator, self.less.denominator) if self.less else ()
        return (self.numerator, self.denominator, *less)

    @property
    def may_fall_below_zero(self) -> bool:
        """Whether its value says how much more or less there is, so that less than nothing is no mistake."""
        return self.growth or self.less is not None


class Indicator(_Part):
    """A defined statistic. Additive: numerator over the subjects of a population. Derived: a formula over figures.

    ``clauses`` are the clauses of all its figures, or those of each breakdown value (``""``: the total) where the text has one for each;
    the first is the one that a figure is published under. ``own`` says why there is such a statistic though no clause asks for it.
    ``window`` says which months' contributions a figure adds up, where that is not the subject's own (``year``: since January;
    ``year_ago``: the same month of the year before, which the subject must keep as well).
    ``once`` says what is counted once though it may be told twice, and ``beside`` names the indicator that counts the same by
    persons: both stand beside the figure, so that times and persons are not taken for each other.
    """

    code: str
    title: Text
    unit: Text
    clauses: tuple[str, ...] | dict[str, tuple[str, ...]] = ()
    own: Text | None = None
    numerator: str = ""
    population: str = ""
    breakdowns: dict[str, Breakdown] = {}
    window: Window | None = None
    total: bool = True
    root_only: bool = False
    once: Text | None = None
    beside: str = ""
    decimals: int = 0
    derived: Derived | None = None

    @model_validator(mode="after")
    def _has_a_ground(self) -> Self:
        if bool(self.all_clauses) == bool(self.own):
            raise ValueError(
                "name the clauses that ask for it or, where none does, say in own why there is such a figure"
            )
        return self

    def clauses_of(self, breakdown: str) -> tuple[str, ...]:
        """The clauses of the figures at one breakdown value; a value that no clause names has those of the total."""
        if isinstance(self.clauses, tuple):
            return self.clauses
        return self.clauses.get(breakdown, self.clauses.get("", ()))

    @property
    def all_clauses(self) -> tuple[str, ...]:
        """Every clause that the indicator serves, each once."""
        given = self.clauses if isinstance(self.clauses, dict) else {"": self.clauses}
        return tuple(dict.fromkeys(clause for clauses in given.values() for clause in clauses))


class Measure(_Part):
    """A number known about a household in a month; risk rules compare it.

    One that ``adds`` is of what happened in the month, so that a rule may add it up over a wider window of its own.
    """

    code: str
    title: Text
    unit: Text
    window: str
    value: str
    adds: bool = False

    def may_be_of(self, window: str) -> bool:
        """Whether a rule may look at this window: the measure's own, or one that its months add up to."""
        return window == self.window or (self.adds and window in ADDED_UP)


@dataclass(frozen=True)
class Subject:
    """A subject model: what one row of it is about, the facts that place a row, and the extracts behind each fact.

    ``facts``: fact → {extract: window}; window ``plan`` waits for every month since the plan began, ``year`` for those since January.
    A fact ``by_measure`` waits for what a rule's measure does, one ``by_extract`` for the extract that the breakdown names, one
    ``by_duty`` for what shows done the duty, or those of the department, that it names, one ``by_code`` (fact → {code: extracts}) for
    what the breakdown's code does; for any other figure it waits for all of them.
    A subject that ``compares`` two registers is also told by a row that is *not* there: its evidence is the rows that are.
    """

    model: str
    title: Text
    spine: tuple[str, ...]
    facts: dict[str, dict[str, Window]]
    window: Window
    by_measure: frozenset[str]
    by_extract: frozenset[str]
    by_duty: frozenset[str] = frozenset()
    by_code: Mapping[str, dict[str, dict[str, Window]]] = field(default_factory=dict)
    compares: bool = False


@dataclass(frozen=True)
class Cell:
    """A figure that there must be: an indicator at one breakdown value (``""`` or ``dim=value``)."""

    indicator: str
    breakdown: str
    dim: str = ""
    value: str = ""


@dataclass(frozen=True)
class Catalogue:
    """All definitions. ``topic`` and ``subject`` are keyed by indicator code (additive ones), ``measure_subject`` by that of the measure.

    ``extracts``: those whose rows name people of the registers, the values of a breakdown by extract.
    """

    indicators: dict[str, Indicator]
    topic: dict[str, str]
    subject: dict[str, Subject]
    measures: dict[str, Measure]
    measure_subject: dict[str, Subject]
    extracts: tuple[str, ...]

    @property
    def topics(self) -> list[str]:
        """The names of the topic views, each once, in order."""
        return list(dict.fromkeys(self.topic.values()))

    @property
    def awaited(self) -> set[str]:
        """The extracts behind the facts of its subjects: what figures wait for, match rates aside, which are of every extract."""
        subjects = [*self.subject.values(), *self.measure_subject.values()]
        return {extract for s in subjects for fact in s.facts.values() for extract in fact}

    @cached_property
    def settings(self) -> dict[str, bool]:
        """The settings that any expression names as ``setting.<name>``, by name; whether one is used as a list of words."""
        named = sorted({name for names in self._named_settings.values() for name in names})
        listed = {name for text in self._texts.values() for name in LISTED.findall(text)}
        return {name: name in listed for name in named}

    def settings_named(self, code: str) -> list[str]:
        """The settings that the definition of an indicator or measure names; a derived one's are those of its operands."""
        derived = self.indicators[code].derived if code in self.indicators else None
        codes = derived.parts if derived else (code,)
        return sorted({name for c in codes for name in self._named_settings[c]})

    def settings_of(self, cell: Cell, pack: Pack, period: str) -> list[str]:
        """The settings that a figure depends on: those that its expressions, its operands' or the measures of its rules name."""
        named = set(self.settings_named(cell.indicator))
        for operand in self.operands(cell) or (cell,):
            if self.subject[operand.indicator].by_measure:
                rules = [r for r in pack.rules_in_force(period) if operand.value in ("", r.rule)]
                named.update(name for r in rules for name in self._named_settings[r.measure])
        return sorted(named)

    @cached_property
    def _texts(self) -> dict[str, str]:
        """The expressions of every indicator and measure by code."""
        return {i.code: _expressions(i) for i in self.indicators.values()} | {
            m.code: m.value for m in self.measures.values()
        }

    @cached_property
    def _named_settings(self) -> dict[str, tuple[str, ...]]:
        return {code: tuple(dict.fromkeys(SETTING.findall(text))) for code, text in self._texts.items()}

    def decimals(self, code: str) -> int:
        """How many decimals the values of an indicator have."""
        indicator = self.indicators[code]
        return indicator.derived.decimals if indicator.derived else indicator.decimals

    def window(self, code: str) -> Window:
        """The months whose contributions make a figure: the period itself, all since January, or all since the plan began."""
        return self.indicators[code].window or self.subject[code].window

    def cells(self, pack: Pack, period: str) -> Iterator[Cell]:
        """The figures there must be for a period: totals, and every value of each breakdown with ``unknown`` as one of them."""
        for indicator in self.indicators.values():
            if indicator.derived is None:
                if indicator.total:
                    yield Cell(indicator.code, "")
                for dim, breakdown in indicator.breakdowns.items():
                    for value in self._values(breakdown.codes, pack, period):
                        yield Cell(indicator.code, f"{dim}={value}", dim, value)
            elif indicator.derived.by is None:
                yield Cell(indicator.code, "")
            else:
                dim = indicator.derived.by
                codes = self.indicators[indicator.derived.numerator].breakdowns[dim].codes
                for value in self._values(codes, pack, period):
                    yield Cell(indicator.code, f"{dim}={value}", dim, value)

    def operands(self, cell: Cell) -> tuple[Cell, ...] | None:
        """The numerator and denominator cells of a derived figure, then those of what is taken off; None for an additive one."""
        derived = self.indicators[cell.indicator].derived
        if derived is None:
            return None
        whole = cell if derived.share_of == "value" else Cell(cell.indicator, "")
        sides = (cell, whole) * (len(derived.parts) // 2)
        return tuple(Cell(code, c.breakdown, c.dim, c.value) for code, c in zip(derived.parts, sides, strict=True))

    def of_the_pack(self, cell: Cell) -> bool:
        """Whether a figure is made of the policy pack alone, so that it waits for no department."""
        return all(self.subject[c.indicator].facts == {"pack": {}} for c in self.operands(cell) or (cell,))

    def waits_for(self, cell: Cell, pack: Pack, period: str) -> dict[str, Window]:
        """The extracts that a figure depends on, each with its window, read from the facts that its expressions name."""
        operands = self.operands(cell)
        if operands:
            return _widest(self.waits_for(operand, pack, period).items() for operand in operands)
        indicator = self.indicators[cell.indicator]
        subject = self.subject[cell.indicator]
        column = indicator.breakdowns[cell.dim].column if cell.dim else ""
        named = FACT.findall(f"{indicator.numerator} {indicator.population} {column}")
        needs: list[Iterable[tuple[str, Window]]] = []
        for fact in dict.fromkeys((*subject.spine, *named)):
            if fact in subject.by_measure:
                rules = [r for r in pack.rules_in_force(period) if cell.value in ("", r.rule)]
                needs.extend(self.rule_waits_for(rule).items() for rule in rules)
            elif fact in subject.by_extract:
                needs.append([(cell.value, "month")])
            elif fact in subject.by_duty:
                owed = [d for d in pack.evidenced(period) if cell.value in ("", d.duty, *d.owes)]
                needs.append([(part.extract, "month") for d in owed for part in d.evidence])
            else:
                needs.append(subject.by_code.get(fact, {}).get(cell.value, subject.facts[fact]).items())
        own = self.window(indicator.code)
        return _widest([*needs, ((extract, own) for need in needs for extract, _ in need)])

    def rule_waits_for(self, rule: Rule | RuleEntry) -> dict[str, Window]:
        """The extracts that the measure of a risk rule depends on."""
        subject = self.measure_subject[rule.measure]
        facts = (*subject.spine, *FACT.findall(self.measures[rule.measure].value))
        needs = [subject.facts[fact].items() for fact in facts]
        added = self.added_up(rule)
        return _widest([*needs, ((extract, added) for need in needs for extract, _ in need)] if added else needs)

    def added_up(self, rule: Rule | RuleEntry) -> Window | None:
        """The window over which a rule adds its measure up; none where the measure is of the rule's window itself."""
        window = rule.window
        return cast(Window, window) if window != self.measures[rule.measure].window and window in ADDED_UP else None

    def windows(self, model: str, pack: Pack, period: str) -> list[Window]:
        """The windows over which figures of a period add up rows of a subject model, and rules their measures of it."""
        found = [self.window(code) for code, subject in self.subject.items() if subject.model == model]
        rules = [r for r in pack.rules_in_force(period) if self.measure_subject[r.measure].model == model]
        return [*found, *(window for rule in rules if (window := self.added_up(rule)))]

    def _values(self, codes: str, pack: Pack, period: str) -> list[str]:
        if codes == "rule":
            return [rule.rule for rule in pack.rules_in_force(period)]
        if codes == "extract":
            return list(self.extracts)
        if codes == "duty":
            return [duty.duty for duty in pack.evidenced(period)]
        if codes == "department":
            return list(dict.fromkeys(owing for duty in pack.evidenced(period) for owing in duty.owes))
        return [*pack.codes[codes], UNKNOWN]

    def check(self, pack: Pack) -> None:
        """Hold the pack's rules (also those whose setting has no value yet) and targets against the definitions.

        Raises IndicatorError with every fault at once.
        """
        written = {(r.rule, r.measure, r.window) for r in pack.rule_entries if r.measure}
        rules = sorted(written | {(r.rule, r.measure, r.window) for r in pack.rules})
        faults = [
            f"rules.yml: rule {rule} names measure {measure!r}, which does not exist; choose one of {', '.join(self.measures)}"
            for rule, measure, _ in rules
            if measure not in self.measures
        ]
        faults += [
            f"rules.yml: rule {rule} has window {window!r}, but its measure {measure} is of {self.measures[measure].window}"
            f" and {'adds up over ' + ', '.join(ADDED_UP) if self.measures[measure].adds else 'cannot be added up'};"
            " write a window that it has, or name the measure of the other one"
            for rule, measure, window in rules
            if measure in self.measures and not self.measures[measure].may_be_of(window)
        ]
        faults += [
            f"targets.yml: target {t.target} names indicator {t.indicator!r}, which does not exist"
            for t in pack.targets
            if t.indicator not in self.indicators
        ]
        faults += [
            f"targets.yml: target {t.target} is in {t.unit!r}, but {t.indicator} counts in {self.indicators[t.indicator].unit.zh};"
            " name the indicator that counts what the clause asks for"
            for t in pack.targets
            if t.indicator in self.indicators and not _same_unit(pack, t.unit, self.indicators[t.indicator].unit.zh)
        ]
        faults += [
            f"codes.yml: breakdown {dim} of {i.code} needs the code map {b.codes!r}; add it"
            for i in self.indicators.values()
            for dim, b in i.breakdowns.items()
            if b.codes not in OF_THE_BUILD and b.codes not in pack.codes
        ]
        grouped = {(m, group) for m, codes in pack.codes.items() for code in codes.values() for group in code.groups}
        faults += [
            f"codes.yml: no code of the map {code_map!r} is in the group {group!r}, which the models ask for; add groups: [{group}]"
            for code_map, group in sorted(_groups_asked_for() - grouped)
        ]
        faults += [*self._setting_faults(pack), *_evidence_faults(pack)]
        if faults:
            raise IndicatorError("\n".join(faults))

    def _setting_faults(self, pack: Pack) -> Iterator[str]:
        """A setting that nobody has, or whose value an expression cannot use; another county's is only unset here."""
        missing = set(self.settings) - set(pack.settings)
        for name in sorted(missing.difference(shipped_settings() if missing else ())):
            users = [code for code, names in self._named_settings.items() if name in names]
            yield f"settings.yml: {', '.join(users)} needs the setting {name!r}, which no pack knows; add it or correct its name"
        for name, listed in self.settings.items():
            values = [v.value for v in pack.settings[name].values] if name in pack.settings else []
            if any(isinstance(v, dict) or isinstance(v, tuple) != listed for v in values):
                wanted = "a list" if listed else "a number, a word or yes/no"
                yield f"settings.yml: {name} must be {wanted}, because expressions of indicators use it as one"


def _evidence_faults(pack: Pack) -> Iterator[str]:
    """What shows a duty done must be there: its table, its columns, the codes that it asks for, an area where areas owe it."""
    contracts = load_contracts()
    for duty in pack.duties:
        for part in duty.evidence:
            where = f"calendar.yml: duty {duty.duty}: evidence"
            if part.extract not in contracts:
                yield f"{where} names the extract {part.extract!r}, which does not exist; choose one of {', '.join(contracts)}"
                continue
            columns = {c.name: c for c in contracts[part.extract].columns}
            named = {*part.where, part.day, part.by} - {None, *columns}
            yield from (
                f"{where} names {part.extract}.{name}, which does not exist" for name in sorted(map(str, named))
            )
            if part.day in columns and columns[str(part.day)].type not in ("date", "month"):
                yield f"{where}: {part.extract}.{part.day} is no day or month; name a column that is"
            for name, wanted in part.where.items():
                code_map = columns[name].codes if name in columns else None
                words = (
                    ()
                    if isinstance(wanted, bool) or wanted == "any"
                    else (wanted,)
                    if isinstance(wanted, str)
                    else wanted
                )
                unknown = [word for word in words if code_map and word not in pack.codes[code_map]]
                yield from (f"{where}: {word!r} is no code of the map {code_map!r}" for word in unknown)
            by_area = any(pack.departments[d][-1].level for d in duty.owes)
            if by_area and not {"township_code", "village_code"} & set(columns):
                yield f"{where}: areas owe it, but {part.extract} says of no area; name another table"


def _same_unit(pack: Pack, unit: str, word: str) -> bool:
    """Whether a target's unit and the word of an indicator's mean the same, as far as the code map of units knows either."""
    if UNIT not in pack.codes:
        return True
    known = pack.codes[UNIT].get(unit)
    return word in known.zh if known else pack.code_for(UNIT, word) is None


def _expressions(indicator: Indicator) -> str:
    """All that an indicator's definition says in SQL."""
    return " ".join([indicator.numerator, indicator.population, *(b.column for b in indicator.breakdowns.values())])


def _groups_asked_for() -> set[tuple[str, str]]:
    """The groups of codes that subject models ask for: without a code in it, a group would count zero in silence."""
    asked = [*(DBT_PROJECT / "models" / "intermediate").glob("*.sql"), *(DBT_PROJECT / "macros").glob("*.sql")]
    found = (pair for path in asked for pair in GROUP.findall(path.read_text(encoding="utf-8")))
    return {(map_ or listed_map, group or listed) for map_, group, listed_map, listed in found}


def _widest(needs: Iterable[Iterable[tuple[str, Window]]]) -> dict[str, Window]:
    found: dict[str, Window] = {}
    for need in needs:
        for extract, window in need:
            found[extract] = max(window, found.get(extract, window), key=WINDOWS.index)
    return dict(sorted(found.items()))


def _models(folder: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted((DBT_PROJECT / "models" / folder).glob("*.yml")):
        for model in yml.parse(path.read_text(encoding="utf-8")).get("models", []):
            yield path, model


def data_tests() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every dbt test that stands with a model: its name with the model's, and its ``config.meta``."""
    for folder in sorted(path.name for path in (DBT_PROJECT / "models").iterdir() if path.is_dir()):
        for _, model in _models(folder):
            for test in model.get("data_tests", ()):
                for name, about in test.items():
                    arguments = (about.get("arguments") or {}).values()
                    words = [w for a in arguments for w in (a if isinstance(a, list) else [a])]
                    yield "_".join([name, model["name"], *words]), about.get("config", {}).get("meta", {})


def _meta(model: dict[str, Any]) -> dict[str, Any]:
    meta: dict[str, Any] = model.get("config", {}).get("meta", {})
    return meta


def _subjects() -> dict[str, Subject]:
    found = {}
    for _, model in _models("intermediate"):
        meta = _meta(model)
        if "subject" in meta:
            about = meta["subject"]
            facts = meta["facts"]
            by_code = {f: x[BY_CODE] for f, x in facts.items() if isinstance(x, dict) and BY_CODE in x}
            facts = facts | {f: _widest(x.items() for x in codes.values()) for f, codes in by_code.items()}
            found[model["name"]] = Subject(
                model=model["name"],
                title=Text(zh=about["zh"], en=about["en"]),
                spine=tuple(about["spine"]),
                facts={f: x for f, x in facts.items() if x not in (BY_MEASURE, BY_EXTRACT, BY_DUTY)},
                window=about.get("window", "month"),
                by_measure=frozenset(f for f, x in facts.items() if x == BY_MEASURE),
                by_extract=frozenset(f for f, x in facts.items() if x == BY_EXTRACT),
                by_duty=frozenset(f for f, x in facts.items() if x == BY_DUTY),
                by_code=by_code,
                compares=about.get("compares", False),
            )
    return found


def _subject_of(folder: str, model: str, subjects: dict[str, Subject]) -> Subject:
    """The subject model that a topic or measure file is made from: the one its SQL names."""
    sql = (DBT_PROJECT / "models" / folder / f"{model}.sql").read_text(encoding="utf-8")
    return subjects[re.findall(r"ref\('(\w+)'\)", sql)[0]]


@cache
def load_catalogue() -> Catalogue:
    """Read all definitions. Raises IndicatorError with every fault at once (file, entry, what is wrong)."""
    subjects = _subjects()
    faults: list[str] = []
    indicators: dict[str, Indicator] = {}
    topic: dict[str, str] = {}
    subject_of: dict[str, Subject] = {}
    for path, model in _models("contributions"):
        subject = _subject_of("contributions", model["name"], subjects)
        for entry in _meta(model)["indicators"]:
            try:
                indicator = Indicator.model_validate(entry)
            except ValidationError as error:
                faults += [
                    f"{path.name}: {entry.get('code', '?')}: {'.'.join(map(str, e['loc']))}: {e['msg']}"
                    for e in error.errors()
                ]
                continue
            if indicator.code in indicators:
                faults.append(f"{path.name}: {indicator.code} is defined twice; rename one")
            indicators[indicator.code] = indicator
            if indicator.derived is None:
                topic[indicator.code] = model["name"]
                subject_of[indicator.code] = subject
                named = set(FACT.findall(_expressions(indicator)))
                faults += [
                    f"{path.name}: {indicator.code} names the fact {fact!r}, which {subject.model} does not have"
                    for fact in sorted(
                        named - set(subject.facts) - subject.by_measure - subject.by_extract - subject.by_duty
                    )
                ]
    for indicator in indicators.values():
        if indicator.beside and indicator.beside not in indicators:
            faults.append(f"{indicator.code}: stands beside {indicator.beside!r}, which does not exist")
        if indicator.derived:
            faults += [
                f"{indicator.code}: operand {operand!r} is not an additive indicator"
                for operand in indicator.derived.parts
                if operand not in topic
            ]
    measures: dict[str, Measure] = {}
    measure_subject: dict[str, Subject] = {}
    for _, model in _models("measures"):
        told = {entry["code"]: Measure.model_validate(entry) for entry in _meta(model)["measures"]}
        faults += [f"{model['name']}.yml: {code} is defined twice; rename one" for code in told if code in measures]
        measures |= told
        measure_subject |= dict.fromkeys(told, _subject_of("measures", model["name"], subjects))
    if faults or not measures:
        raise IndicatorError("\n".join(faults) or "no measures are defined")
    naming = (x for x, contract in load_contracts().items() if contract.naming and x not in REGISTERS)
    return Catalogue(indicators, topic, subject_of, measures, measure_subject, tuple(naming))
