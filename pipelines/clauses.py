"""What serves each clause of a pack, and why not: held against the graph of definitions, never against a list kept by hand.

What the product has (indicators, rules, targets, checks, duties, contracts) says which clauses it is for where it is defined; here
that word is tested. Nothing about one clause belongs in this module.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from expectations import SUITES
from pipelines.indicators import Catalogue, Cell, data_tests
from pipelines.intake.contract import Contract
from pipelines.policy import Clause, Pack

Kind = Literal["indicator", "rule", "target", "check", "calendar", "extract"]
Status = Literal["served", "open_setting", "not_yet"]
PACK, INTAKE = "policy_pack", "intake"

# What a pack holds of every value in it, and intake of every file: clauses that ask for these need no table of a department.
OF_THE_PACK = frozenset(
    {
        "rule_id",
        "value",
        "effective_from",
        "effective_to",
        "source_clause",
        "source_doc",
        "doc_no",
        "period_from",
        "period_to",
    }
    | {"target_id", "year", "owner"}
)
OF_INTAKE = frozenset({"row_count", "key_dup", "validation_error", "error_n", "dept_id", "corrected_at", "corrected_n"})
REGISTERS = ("policy_config", "policy_target")
WORDS = frozenset(
    {"all", "extracts", "joined", "on", "hh_id", "vs", "aggregates", "and", "by", "to", "none", "qualitative"}
)
SUPPLIED = ("covers_all", "in_set")
COMPARING = ("covers_all", "in_set", "=", "none_occurs")
IN_ZH = {"indicator": "指标", "rule": "规则", "target": "目标", "check": "检查", "calendar": "日历", "extract": "数据"}


@dataclass
class Served:
    """A clause with what serves it: ``served_by`` lists ``(kind, id)``; ``why_not`` is empty when nothing is lacking."""

    clause: Clause
    status: Status = "not_yet"
    served_by: list[tuple[Kind, str]] = field(default_factory=list)
    settings: list[str] = field(default_factory=list)
    why_not: list[str] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """As ``fangpin clauses --json`` prints it."""
        return {
            "id": self.clause.id,
            "doc_no": self.clause.doc_no,
            "measurable": self.clause.measurable,
            "status": self.status,
            "served_by": [{"kind": kind, "id": name} for kind, name in self.served_by],
            "settings": self.settings,
            "why_not": "；".join(self.why_not) or None,
        }


def serve(pack: Pack, catalogue: Catalogue, contracts: dict[str, Contract]) -> list[Served]:
    """Every clause of a pack in the order of its register, with what serves it or why nothing does.

    An indicator, rule, target or check counts only where it reads an extract that the clause's ``data_needed`` names, and all of
    those are read by one of them, or by several together where the clause does not hold one table against another. A contract
    serves by itself only a department's duty to supply its fields; a duty of the calendar only what needs no table, or only tables
    whose day it sets or whose rows show it done (the indicators of duties count them). A clause whose rule or target waits for a
    measure or indicator is not served yet. What lacks nothing but the value of a setting is ``open_setting``.
    """
    register = _Register(pack, catalogue, contracts)
    return [register.serve(clause) for clause in pack.clauses.values()]


def totals(found: Iterable[Served]) -> dict[str, int]:
    """How many clauses there are of each status, and how many in all."""
    counted: Counter[str] = Counter(served.status for served in found)
    return {"clauses": counted.total()} | {status: counted[status] for status in get_args(Status)}


def checks() -> Iterator[tuple[str, str, Iterable[str]]]:
    """Every clause that a check names: clause, check, the extracts that it reads. A test of dbt says in ``config.meta`` which."""
    for extract, suites in SUITES.items():
        for suite in suites:
            for check in suite.checks:
                yield from ((clause, check.name, (extract, *suite.needs)) for clause in check.clauses)
    for name, meta in data_tests():
        yield from ((clause, name, meta["extracts"]) for clause in meta.get("clauses", ()))


class _Register:
    def __init__(self, pack: Pack, catalogue: Catalogue, contracts: dict[str, Contract]) -> None:
        self.pack, self.catalogue, self.contracts = pack, catalogue, contracts
        self.parts: dict[str, list[Contract]] = defaultdict(list)
        for contract in contracts.values():
            for name in {contract.extract, contract.part_of or contract.extract}:
                self.parts[name].append(contract)
        self.reads: dict[str, dict[tuple[Kind, str], set[str]]] = defaultdict(lambda: defaultdict(set))
        for clause, kind, name, extracts in self._readers():
            self.reads[clause][kind, name].update(extracts)

    def _readers(self) -> Iterator[tuple[str, Kind, str, Iterable[str]]]:
        """What says that it is for a clause and reads extracts: clause, kind, id, extracts."""
        pack, period = self.pack, self.pack.plan.to
        for cell in self.catalogue.cells(pack, period):
            indicator = self.catalogue.indicators[cell.indicator]
            for clause in indicator.clauses_of(cell.breakdown):
                yield clause, "indicator", indicator.code, self.catalogue.waits_for(cell, pack, period)
        for rule in pack.rules:
            yield rule.clause, "rule", rule.rule, self.catalogue.rule_waits_for(rule)
        for target in pack.targets:
            dim, _, value = target.breakdown.partition("=")
            cell = Cell(target.indicator, target.breakdown, dim, value)
            yield target.clause, "target", target.target, self.catalogue.waits_for(cell, pack, period)
        for duty in pack.duties:
            if duty.clause and (duty.every or duty.evidence or pack.setting(duty.setting or "", period)):
                read = self.contracts if duty.extracts == "all" else duty.extracts
                yield duty.clause, "calendar", duty.duty, [*read, *(part.extract for part in duty.evidence)]
        for clause, name, extracts in checks():
            yield clause, "check", name, extracts

    def serve(self, clause: Clause) -> Served:
        found = Served(clause)
        if clause.measurable == "no":
            found.why_not = ["条款没有可以计量的内容"]
            return found
        needed = self._needed(clause)
        unknown = [n for n, fields in clause.needs.items() if fields and n not in self.parts and n not in REGISTERS]
        whole = False
        read: set[str] = set()
        named = {part.extract for name in needed for part in self.parts[name]}
        for (kind, name), extracts in sorted(self.reads[clause.id].items()):
            lacking = [n for n, fields in needed.items() if not self._read(n, fields, extracts)]
            if kind != "calendar" and needed and not extracts & named:
                found.why_not.append(f"{IN_ZH[kind]} {name} 没有取自 {'、'.join(lacking)}")
                continue
            found.served_by.append((kind, name))
            whole |= not lacking and not unknown
            if kind != "calendar":
                read |= extracts
                if lacking:
                    found.why_not.append(f"{IN_ZH[kind]} {name} 没有取自 {'、'.join(lacking)}")
        if read and not unknown and not _compares(clause):
            whole |= all(self._read(n, fields, read) for n, fields in needed.items())
        waiting, ready = self._waiting(clause)
        found.settings = self._unset(clause, found.served_by)
        checked = self._checked(clause, bool(needed), unknown)
        if checked and not waiting:
            found.served_by.append(("check", checked))
            whole = True
        holders, absent = self._holders(needed)
        found.served_by += [("extract", x) for x in holders]
        whole |= _supplied(clause) and bool(holders) and not absent and not unknown
        if (whole or ready) and not waiting:
            found.status = "open_setting" if found.settings else "served"
        if found.status == "served":
            found.why_not = []
            return found
        if found.status == "open_setting":
            found.why_not = []
        else:
            found.why_not += [*waiting, *(f"没有报表 {name}" for name in unknown), *absent]
            if not found.why_not:
                found.why_not = self._nothing(found, bool(holders))
        found.why_not += [f"待定参数 {name}（{self.pack.settings[name].title.zh}）没有设定" for name in found.settings]
        return found

    def _needed(self, clause: Clause) -> dict[str, tuple[str, ...]]:
        """The extracts that a clause names, each with the fields asked of it; those that only choose rows where nothing else is."""
        return {
            name: tuple(f for f in fields if f not in clause.selects) or fields
            for name, fields in clause.needs.items()
            if name in self.parts
        }

    def _read(self, name: str, fields: tuple[str, ...], extracts: set[str]) -> bool:
        """Whether the extract that a clause names is read; of one sent in parts, every part that a named field is in only."""
        parts = self.parts[name]
        groups = [held for f in fields if (held := {p.extract for p in parts if _holds(p, f)})]
        return all(held & extracts for held in groups or [{p.extract for p in parts}])

    def _holders(self, needed: dict[str, tuple[str, ...]]) -> tuple[list[str], list[str]]:
        """The contracts that have the fields which a clause names, and what no contract has, in words."""
        holders: list[str] = []
        absent: list[str] = []
        for name, fields in needed.items():
            named = [f for f in fields if "*" not in f]
            whole = [p.extract for p in self.parts[name] if all(_holds(p, f) for f in named)]
            holders += whole or [p.extract for p in self.parts[name] if any(_holds(p, f) for f in named)]
            missing = [f for f in named if not any(_holds(p, f) for p in self.parts[name])]
            if missing:
                absent.append(f"{name} 还没有列 {'、'.join(missing)}")
        return list(dict.fromkeys(holders)), absent

    def _waiting(self, clause: Clause) -> tuple[list[str], bool]:
        """Rules and targets that wait for a measure or an indicator; whether one waits for nothing but its setting."""
        needed = self._needed(clause)
        waiting: list[str] = []
        ready = False
        in_force = {rule.rule for rule in self.pack.rules} | {target.target for target in self.pack.targets}
        for rule in self.pack.rule_entries:
            if rule.clause == clause.id and rule.awaits:
                waiting.append(f"规则 {rule.rule} 尚待测量值 {rule.awaits}")
            elif rule.clause == clause.id and rule.rule not in in_force and rule.setting:
                reads = set(self.catalogue.rule_waits_for(rule))
                ready |= all(self._read(n, fields, reads) for n, fields in needed.items())
        for target in self.pack.target_entries:
            if target.clause == clause.id and target.awaits:
                waiting.append(f"目标 {target.target} 尚待指标 {target.awaits}")
            elif target.clause == clause.id and target.target not in in_force:
                dim, _, value = target.breakdown.partition("=")
                cell = Cell(target.indicator, target.breakdown, dim, value)
                reads = set(self.catalogue.waits_for(cell, self.pack, self.pack.plan.to))
                ready |= all(self._read(n, fields, reads) for n, fields in needed.items())
        return waiting, ready

    def _unset(self, clause: Clause, served_by: list[tuple[Kind, str]]) -> list[str]:
        """The settings without a value that the clause leaves open, or that a definition which serves it names."""
        rules = {rule.rule: rule.measure for rule in self.pack.rules}
        targets = {target.target: target.indicator for target in self.pack.targets}
        codes = [
            {"indicator": name, "rule": rules.get(name), "target": targets.get(name)}.get(k) for k, name in served_by
        ]
        named = {setting for code in codes if code for setting in self.catalogue.settings_named(code)}
        asked = {*clause.needs.get("policy_config", ()), *named}
        return [n for n, s in self.pack.settings.items() if not s.values and (clause.id in s.clauses or n in asked)]

    def _checked(self, clause: Clause, tables: bool, unknown: list[str]) -> str:
        """The check that serves a clause without a table of its own: that of the pack, which holds each value, or intake's of files."""
        if tables or unknown:
            return ""
        if _of_every_file(clause):
            words = set(clause.needs) - WORDS
            return INTAKE if words and words <= OF_INTAKE else ""
        asked = {f for name in REGISTERS for f in clause.needs.get(name, ())}
        valued = any(v.clause == clause.id for s in self.pack.settings.values() for v in s.values)
        return PACK if asked and (valued or asked <= OF_THE_PACK | set(self.pack.settings)) else ""

    @staticmethod
    def _nothing(found: Served, data: bool) -> list[str]:
        if any(kind == "calendar" for kind, _ in found.served_by):
            return ["日历列有此事项，完成情况尚无指标统计"]
        return ["所需数据已可接收，尚无指标或规则" if data else "尚无指标、规则或检查"]


def _compares(clause: Clause) -> bool:
    """Whether a clause holds one of its tables against another, so that figures of each alone do not answer it."""
    return clause.comparator in COMPARING or bool({"joined", "vs"} & set(clause.needs))


def _of_every_file(clause: Clause) -> bool:
    return {"all", "extracts"} <= set(clause.needs)


def _supplied(clause: Clause) -> bool:
    """Whether a clause is a department's duty to supply a list of fields, which its contract then is."""
    return clause.kind == "department_duty" and clause.comparator in SUPPLIED and not _of_every_file(clause)


def _holds(contract: Contract, name: str) -> bool:
    return name == "period" or any(name in (c.name, c.field) for c in contract.columns)
