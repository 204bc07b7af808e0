"""Reading a pack's folder and finding everything that is wrong with it. What a pack means is in ``pack``."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, Field, ValidationError

from pipelines import yml
from pipelines.policy.calendar import Duty, WorkingDays
from pipelines.policy.pack import (
    RULING,
    Area,
    AreaName,
    Clause,
    Code,
    Department,
    Document,
    Pack,
    Plan,
    RuleEntry,
    Setting,
    SettingValue,
    TargetEntry,
    Value,
    squeeze,
)
from pipelines.policy.parts import OWN_FAULT, Part, Text, Title
from pipelines.settings import PROJECT

SHIPPED = PROJECT / "policies"

NAMES = "area_names.csv"  # a pack whose areas never bore another name has none

PartT = TypeVar("PartT", bound=BaseModel)
T = TypeVar("T")


@dataclass(frozen=True)
class Problem:
    """One fault of a pack: the file, the path inside it, what is wrong, how to mend it (the last two in Chinese)."""

    file: str
    path: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file} {self.path}：{self.what}；{self.mend}"


class PolicyError(Exception):
    """A policy pack that cannot be used. ``problems`` holds everything that is wrong with it."""

    def __init__(self, directory: Path, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        listed = "\n".join(f"  {p}" for p in self.problems)
        super().__init__(f"政策包 {directory.name} 有 {len(self.problems)} 处问题：\n{listed}")


class _Head(Part):
    pack: Text
    base: str = ""
    seat: str = ""
    title: Title
    area: Text
    holidays: WorkingDays = WorkingDays()
    documents: tuple[Document, ...] = Field(min_length=1)
    plan: Plan


class _Loader(yml.Loader):
    """YAML whose dates stay text (pydantic judges them) and whose keys may not repeat."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for i, (key_node, _) in enumerate(node.value):
            if keys[i] in keys[:i]:
                raise yaml.constructor.ConstructorError(None, None, f"key {keys[i]!r} repeated", key_node.start_mark)
        return super().construct_mapping(node, deep)


_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: str(node.value))


class _Folder:
    """The files of one pack, and of its base as ``<base>/<file>``; problems gather here while they are read."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.bases: dict[str, Path] = {}
        self.problems: list[Problem] = []

    def rest_on(self, base: str) -> None:
        """Read ``base`` too: the folder of that name beside the pack, else among the shipped ones."""
        for folder in (self.directory.parent / base, SHIPPED / base):
            if folder.is_dir():
                self.bases[base] = folder
                return
        known = "、".join(sorted(d.name for d in SHIPPED.iterdir() if d.is_dir() and not (d / "pack.yml").exists()))
        self.problems.append(Problem("pack.yml", "base", f"没有基础包 {base}", f"改成已有的（{known}），或删去"))

    def files(self, file: str) -> list[str]:
        """The names under which ``file`` is read: the base's first, where it has one, then the pack's own."""
        return [*(f"{b}/{file}" for b, folder in self.bases.items() if (folder / file).exists()), file]

    def text(self, file: str) -> str | None:
        base, _, name = file.partition("/")
        path = self.bases[base] / name if base in self.bases else self.directory / file
        try:
            return path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            self.problems.append(Problem(file, "", "没有这个文件", "照 policies/menghai 补一份"))
        except UnicodeDecodeError as error:
            self.problems.append(Problem(file, f"第 {error.start} 字节", "不是 UTF-8", "另存为 UTF-8 编码"))
        return None

    def yaml(self, file: str, kind: type[list[Any] | dict[Any, Any]]) -> Any:
        """The document in a YAML file, empty when it cannot be had (which is then a problem)."""
        text = self.text(file)
        if text is None:
            return kind()
        try:
            found = yaml.load(text, _Loader)
        except yaml.MarkedYAMLError as error:
            line = f"第 {error.problem_mark.line + 1} 行" if error.problem_mark else ""
            self.problems.append(
                Problem(
                    file,
                    line,
                    f"YAML 写法有误：{error.problem}",
                    "改正该行的缩进、引号或重复的键",
                )
            )
            return kind()
        if not isinstance(found, kind):
            self.problems.append(
                Problem(
                    file,
                    "",
                    f"应为 {kind.__name__}，实为 {type(found).__name__}",
                    "照 policies/menghai 的写法",
                )
            )
            return kind()
        return found

    def parts(self, model: type[PartT], file: str, given: Mapping[str, Any]) -> dict[str, PartT]:
        """Path in the file → checked part, for the parts that pass; the others become problems."""
        passed: dict[str, PartT] = {}
        for path, value in given.items():
            try:
                passed[path] = model.model_validate(value)
            except ValidationError as error:
                self.problems += [_problem(file, path, dict(e)) for e in error.errors()]
        return passed

    def table(self, model: type[PartT], file: str) -> dict[str, PartT]:
        """The rows of a CSV file by their line number as an editor shows it."""
        text = self.text(file)
        if text is None:
            return {}
        reader = csv.DictReader(io.StringIO(text, newline=""))
        rows: dict[str, Any] = {}
        for row in reader:
            rows[f"第 {reader.line_num} 行"] = {key or "多余的列": value for key, value in row.items()}
        return self.parts(model, file, rows)

    def maps(self, model: type[PartT], file: str) -> dict[str, dict[str, PartT]]:
        """The named maps of a YAML file, file name → path → part; a map of the pack stands for the base's of that name."""
        read = {name: self.yaml(name, dict) for name in self.files(file)}
        for name, maps in read.items():
            if name != file:
                maps = {key: items for key, items in maps.items() if key not in read[file]}
            read[name] = self.parts(model, name, _nested(maps))
        return read

    def entries(self, model: type[PartT], file: str, key: str) -> dict[str, dict[str, PartT]]:
        """The entries of a YAML file by name, which becomes their ``key``; one of the pack stands for the base's of that name."""
        read = {name: self.yaml(name, dict) for name in self.files(file)}
        return {
            name: self.parts(
                model,
                name,
                {
                    str(entry): {key: entry} | fields if isinstance(fields, dict) else fields
                    for entry, fields in entries.items()
                    if name == file or entry not in read[file]
                },
            )
            for name, entries in read.items()
        }

    def sha256(self) -> str:
        """Over the names and bytes of all files of the pack and its base."""
        digest = hashlib.sha256()
        folders = {"": self.directory} | self.bases
        files = {
            f"{base}/{path.relative_to(folder).as_posix()}": path
            for base, folder in folders.items()
            for path in folder.rglob("*")
            if path.is_file()
        }
        for name, path in sorted(files.items()):
            content = path.read_bytes()
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.hexdigest()


@cache
def shipped_settings() -> Mapping[str, str]:
    """The settings of all shipped packs with their units: what one county leaves open, another may not have at all."""
    found: dict[str, str] = {}
    for path in sorted(SHIPPED.glob("*/settings.yml")):
        for name, entry in yml.parse(path.read_text(encoding="utf-8")).items():
            found[name] = found.get(name) or entry.get("unit", "")
    return found


def load_pack(directory: Path) -> Pack:
    """The policy pack in a folder: pack, codes, settings, rules, targets, departments, calendar .yml; areas, area_names, clauses .csv.

    Raises PolicyError with all problems at once: every part that does not fit its model, and every part that does not
    fit the others (overlapping versions of a rule, a clause that does not exist, an area outside the tree, …).
    """
    folder = _Folder(directory)
    head = folder.parts(_Head, "pack.yml", {"": folder.yaml("pack.yml", dict)}).get("")
    if head is not None and head.base:
        folder.rest_on(head.base)
    areas = folder.table(Area, "areas.csv")
    area_names = folder.table(AreaName, NAMES) if (directory / NAMES).exists() else {}
    clauses = folder.table(Clause, "clauses.csv")
    code_files = folder.maps(Code, "codes.yml")
    codes = {path: code for parts in code_files.values() for path, code in parts.items()}
    setting_files = folder.entries(Setting, "settings.yml", "setting")
    written = {path: setting for parts in setting_files.values() for path, setting in parts.items()}
    settings = _worked_out(written)
    rules = folder.parts(RuleEntry, "rules.yml", _listed(folder.yaml("rules.yml", list)))
    targets = folder.parts(TargetEntry, "targets.yml", _listed(folder.yaml("targets.yml", list)))
    department_files = folder.maps(Department, "departments.yml")
    seat = head.seat if head else ""
    departments = {
        path: d.model_copy(
            update={
                "name": d.name.replace("{seat}", seat),
                "aliases": tuple(a.replace("{seat}", seat) for a in d.aliases),
            }
        )
        for parts in department_files.values()
        for path, d in parts.items()
    }
    duty_files = folder.entries(Duty, "calendar.yml", "duty")
    duties = {path: duty for parts in duty_files.values() for path, duty in parts.items()}

    folder.problems += [
        *_plan_problems(head),
        *_area_problems(areas, head),
        *_name_problems(area_names, areas),
        *_clause_problems(clauses, head),
        *(problem for file, parts in code_files.items() for problem in _word_problems(file, parts)),
        *_common_problems(code_files, codes),
        *(
            problem
            for f, parts in setting_files.items()
            for problem in _setting_problems(f, parts, written, clauses, departments)
        ),
        *_rule_problems(rules, clauses, codes, head),
        *_target_problems(targets, clauses, codes, areas, departments),
        *_number_problems("rules.yml", {p: (r.setting, r.unit) for p, r in rules.items()}, settings),
        *_number_problems("targets.yml", {p: (t.setting, t.unit) for p, t in targets.items()}, settings),
        *(
            problem
            for f, parts in duty_files.items()
            for problem in _duty_problems(f, parts, clauses, departments, settings)
        ),
        *(
            problem
            for file, parts in department_files.items()
            for problem in _overlaps(
                file, {p: (p.split(".")[0], d.effective_from, d.effective_to) for p, d in parts.items()}
            )
        ),
    ]
    if folder.problems or head is None:
        raise PolicyError(directory, folder.problems)
    return Pack(
        name=head.pack,
        title=head.title,
        area=head.area,
        documents=head.documents,
        plan=head.plan,
        areas=tuple(areas.values()),
        area_names=tuple(area_names.values()),
        clauses={c.id: c for c in clauses.values()},
        codes=_grouped(codes),
        settings=settings,
        rules=(),
        rule_entries=tuple(rules.values()),
        targets=(),
        target_entries=tuple(targets.values()),
        departments={
            name: tuple(sorted(parts.values(), key=lambda d: d.effective_from or date.min))
            for name, parts in _grouped(departments).items()
        },
        duties=tuple(duties.values()),
        working_days=head.holidays,
        sha256=folder.sha256(),
    ).resolved()


def _listed(items: list[Any]) -> dict[str, Any]:
    return {f"[{i}]": item for i, item in enumerate(items)}


def _nested(maps: dict[str, Any]) -> dict[str, Any]:
    """``map.code`` → item, whether a map's items are named or listed; a map that is neither is left for the model to refuse."""
    flat: dict[str, Any] = {}
    for name, items in maps.items():
        pairs = (
            items.items() if isinstance(items, dict) else enumerate(items) if isinstance(items, list) else [("", items)]
        )
        flat |= {f"{name}.{key}": item for key, item in pairs}
    return flat


def _grouped(parts: Mapping[str, T]) -> dict[str, dict[str, T]]:
    maps: dict[str, dict[str, T]] = defaultdict(dict)
    for path, part in parts.items():
        name, key = path.split(".", 1)
        maps[name][key] = part
    return dict(maps)


_PLAIN = {
    "missing": ("缺少这一项", "补上"),
    "extra_forbidden": ("没有这样的项", "删去，或改成正确的名称"),
    "string_too_short": ("是空的", "填上"),
    "string_type": ("应为文字", "填上文字；像数字、yes、no 的文字要加引号"),
    "string_pattern_mismatch": ("不是月份", "写成 YYYY-MM"),
    "date_from_datetime_parsing": ("不是日期", "写成 YYYY-MM-DD"),
    "date_type": ("不是日期", "写成 YYYY-MM-DD"),
    "decimal_type": ("不是数", "写一个数，单位写在 unit"),
    "decimal_parsing": ("不是数", "写一个数，单位写在 unit"),
}


def _problem(file: str, path: str, error: dict[str, Any]) -> Problem:
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in error["loc"]]
    what, mend = _PLAIN.get(error["type"], (error["msg"], "改成所说的样子"))
    if error["type"] == OWN_FAULT:
        what, _, mend = error["msg"].partition("：")
        return Problem(file, (path + "".join(steps)).lstrip("."), what, mend)
    if error["type"] == "literal_error":
        what, mend = (
            "不在可用的值之内",
            f"用 {error['ctx']['expected'].replace(' or ', '、').replace(', ', '、')} 之一",
        )
    if error["type"] != "missing":
        what += f"（实为 {error['input']!r}）"
    return Problem(file, (path + "".join(steps)).lstrip("."), what, mend)


def _repeated(file: str, names: Mapping[str, str], of: str) -> Iterator[Problem]:
    """``names`` is path → what must be unique in the file."""
    seen: dict[str, str] = {}
    for path, name in names.items():
        if name in seen:
            yield Problem(file, path, f"{of} {name} 与 {seen[name]} 重复", "每个只留一处")
        seen.setdefault(name, path)


def _overlaps(file: str, dated: Mapping[str, tuple[str, date | None, date | None]]) -> Iterator[Problem]:
    """``dated`` is path → (what is dated, its first day, its last day); two versions may not share a day."""
    for (path, (name, start, end)), (other, (name_2, start_2, end_2)) in combinations(dated.items(), 2):
        if name == name_2 and (start or date.min) <= (end_2 or date.max) and (start_2 or date.min) <= (end or date.max):
            yield Problem(
                file,
                other,
                f"{name} 的有效期与 {path} 重叠",
                "让前一版的 effective_to 早于后一版的 effective_from",
            )
    for path, (name, start, end) in dated.items():
        if start and end and end < start:
            yield Problem(
                file,
                path,
                f"{name} 的有效期倒置（{start} 至 {end}）",
                "effective_from 应不晚于 effective_to",
            )


def _unknown_clauses(file: str, cited: Mapping[str, str], clauses: Mapping[str, Clause]) -> Iterator[Problem]:
    known = {c.id for c in clauses.values()}
    for path, clause in cited.items():
        if clause not in known:
            yield Problem(
                file,
                f"{path}.clause",
                f"条款 {clause} 不在 clauses.csv",
                "改成已登记的条款编号，或先登记该条款",
            )


def _plan_problems(head: _Head | None) -> Iterator[Problem]:
    if head is None:
        return
    if head.plan.to < head.plan.from_:
        yield Problem(
            "pack.yml",
            "plan",
            f"计划期倒置（{head.plan.from_} 至 {head.plan.to}）",
            "from 应不晚于 to",
        )
    yield from _repeated(
        "pack.yml",
        {f"documents[{i}]": d.doc_no for i, d in enumerate(head.documents)},
        "文号",
    )


def _area_problems(areas: Mapping[str, Area], head: _Head | None) -> Iterator[Problem]:
    file = "areas.csv"
    parent = {a.code: a.parent for a in areas.values()}
    yield from _repeated(file, {path: a.code for path, a in areas.items()}, "区划代码")
    yield from _repeated(
        file,
        {path: f"{a.name}（上级 {a.parent or '无'}）" for path, a in areas.items()},
        "名称",
    )
    roots = [a.code for a in areas.values() if not a.parent]
    if head is not None and roots != [head.area]:
        yield Problem(
            file,
            "parent",
            f"没有上级的地区是 {roots}",
            f"只让 pack.yml 的 area（{head.area}）没有上级",
        )
    for path, area in areas.items():
        if area.parent and area.parent not in parent:
            yield Problem(file, path, f"上级 {area.parent} 不在表中", "补上该上级，或改正 parent")
        above, code = set(), area.parent
        while code in parent and code not in above:
            above.add(code)
            code = parent[code]
        if area.code in above:
            yield Problem(file, path, f"{area.code} 是自己的上级", "改正 parent，使地区成一棵树")


def _name_problems(names: Mapping[str, AreaName], areas: Mapping[str, Area]) -> Iterator[Problem]:
    known = {a.code for a in areas.values()}
    for path, name in names.items():
        for code in (name.code, name.parent):
            if code and code not in known:
                yield Problem(NAMES, path, f"区划代码 {code} 不在 areas.csv", "改成现行区划代码")
        if name.from_ and name.to and name.to < name.from_:
            yield Problem(NAMES, path, f"{name.name} 的起止日期倒置", "from 应不晚于 to")


def _clause_problems(clauses: Mapping[str, Clause], head: _Head | None) -> Iterator[Problem]:
    yield from _repeated("clauses.csv", {path: c.id for path, c in clauses.items()}, "条款编号")
    documents = {d.doc_no for d in head.documents} if head else {c.doc_no for c in clauses.values()}
    for path, clause in clauses.items():
        if clause.doc_no not in documents:
            yield Problem(
                "clauses.csv",
                f"{path}.doc_no",
                f"文件 {clause.doc_no} 不在 pack.yml",
                "在 documents 中登记该文件",
            )


def _word_problems(file: str, codes: Mapping[str, Code]) -> Iterator[Problem]:
    for name, found in _grouped(codes).items():
        words = {f"{name}.{code}.zh[{i}]": squeeze(w) for code, c in found.items() for i, w in enumerate(c.zh)}
        yield from _repeated(file, words, "词")


def _common_problems(files: Mapping[str, Mapping[str, Code]], codes: Mapping[str, Code]) -> Iterator[Problem]:
    """Where a map ``common_<map>`` exists, every code of the map must say which of its codes it is."""
    commons = {path.split(".")[0] for path in codes if path.startswith("common_")}
    for file, parts in files.items():
        for path, code in parts.items():
            common = f"common_{path.split('.')[0]}"
            if common in commons and f"{common}.{code.common}" not in codes:
                yield Problem(
                    file,
                    f"{path}.common",
                    f"没有对应到通用代码（实为 {code.common!r}）",
                    f"写上代码表 {common} 的一个代码",
                )


def _worked_out(settings: Mapping[str, Setting]) -> dict[str, Setting]:
    """The settings with every product worked out: a value for each span of days in which all that it is made of have one."""
    return {
        name: setting.model_copy(
            update={"values": tuple(v for given in setting.values for v in _products(given, settings))}
        )
        for name, setting in settings.items()
    }


def _products(given: SettingValue, settings: Mapping[str, Setting]) -> list[SettingValue]:
    found = [given]
    for name in given.product:
        factors = settings[name].values if name in settings else ()
        found = [
            made.model_copy(
                update={"value": _times(made.value, factor.value), "effective_from": start, "effective_to": end}
            )
            for made in found
            for factor in factors
            if isinstance(factor.value, Decimal)
            for start in [max(filter(None, (made.effective_from, factor.effective_from)), default=None)]
            for end in [min(filter(None, (made.effective_to, factor.effective_to)), default=None)]
            if start is None or end is None or start <= end
        ]
    return found


def _times(one: Value | None, other: Decimal) -> Decimal:
    """Their product, written without the zeros that multiplying leaves; the other alone where there is no first."""
    found = one * other if isinstance(one, Decimal) else other
    return found.quantize(Decimal(1)) if found == found.to_integral_value() else found.normalize()


def _setting_problems(
    file: str,
    settings: Mapping[str, Setting],
    known: Mapping[str, Setting],
    clauses: Mapping[str, Clause],
    departments: Mapping[str, Department],
) -> Iterator[Problem]:
    """What does not fit in the settings of a file; ``known`` are those of all files."""
    for name, setting in settings.items():
        dated = {f"{name}.values[{i}]": v for i, v in enumerate(setting.values)}
        yield from _unknown_clauses(file, {f"{name}.clauses[{i}]": c for i, c in enumerate(setting.clauses)}, clauses)
        yield from _unknown_clauses(file, {p: v.clause for p, v in dated.items() if v.clause}, clauses)
        yield from _overlaps(file, {p: (name, v.effective_from, v.effective_to) for p, v in dated.items()})
        yield from _unknown_departments(file, {f"{name}.owner": setting.owner}, departments)
        if not setting.unit and any(v.product or isinstance(v.value, Decimal) for v in setting.values):
            yield Problem(file, f"{name}.unit", "有数值而没有单位", "写上 unit")
        for path, value in dated.items():
            for factor in value.product:
                if factor not in known:
                    yield Problem(file, f"{path}.product", f"settings.yml 没有 {factor}", "登记该参数，或直接写 value")
                elif any(not isinstance(v.value, Decimal) for v in known[factor].values):
                    yield Problem(file, f"{path}.product", f"{factor} 不是数", "只用直接写了数值的参数相乘")
        if name == RULING:
            for path, value in dated.items():
                words = value.value.values() if isinstance(value.value, dict) else [value.value]
                documents = {"both", "latest", *(c.doc_no for c in clauses.values())}
                for word in (w for w in words if w not in documents):
                    yield Problem(file, path, f"{word} 不是本包的文件", "写 both、latest 或文号，可按事项分写")


def _duty_problems(
    file: str,
    duties: Mapping[str, Duty],
    clauses: Mapping[str, Clause],
    departments: Mapping[str, Department],
    settings: Mapping[str, Setting],
) -> Iterator[Problem]:
    yield from _unknown_clauses(file, {p: d.clause for p, d in duties.items() if d.clause}, clauses)
    yield from _unknown_departments(
        file, {f"{p}.owes[{i}]": o for p, d in duties.items() for i, o in enumerate(d.owes)}, departments
    )
    readings = {f"{p}.reading.owner": d.reading.owner for p, d in duties.items() if d.reading}
    yield from _unknown_departments(file, readings, departments)
    for path, duty in duties.items():
        intervals = {"week", "month", "quarter", "year"}
        if duty.setting and duty.setting not in settings:
            yield Problem(file, f"{path}.setting", f"settings.yml 没有 {duty.setting}", "登记该参数，或写 every")
        elif duty.setting and any(v.value not in intervals for v in settings[duty.setting].values):
            yield Problem("settings.yml", f"{duty.setting}.values", "不是周期", "写 week、month、quarter 或 year")


def _unknown_departments(
    file: str, named: Mapping[str, str], departments: Mapping[str, Department]
) -> Iterator[Problem]:
    known = {path.split(".")[0] for path in departments}
    for path, department in named.items():
        if department not in known:
            yield Problem(
                file, path, f"departments.yml 没有 {department or '归口部门'}", "写已登记的部门编号，或先登记该部门"
            )


def _number_problems(
    file: str, named: Mapping[str, tuple[str, str]], settings: Mapping[str, Setting]
) -> Iterator[Problem]:
    """``named`` is path → the setting that stands for a number there (or none), and the unit that the number must have."""
    for path, (name, unit) in named.items():
        setting = settings.get(name)
        if name and setting is None:
            yield Problem(file, f"{path}.setting", f"settings.yml 没有 {name}", "登记该参数，或直接写数值")
        if setting is not None and setting.unit != unit:
            what = f"单位 {unit} 与参数 {name} 的 {setting.unit or '（无）'} 不同"
            yield Problem(file, f"{path}.unit", what, "两处写同一单位")
        if setting is not None and any(not isinstance(v.value, Decimal) for v in setting.values):
            yield Problem("settings.yml", f"{name}.values", "用作数值而不是数", "写一个数，单位写在 unit")


def _rule_problems(
    rules: Mapping[str, RuleEntry], clauses: Mapping[str, Clause], codes: Mapping[str, Code], head: _Head | None
) -> Iterator[Problem]:
    file = "rules.yml"
    yield from _unknown_clauses(file, {p: r.clause for p, r in rules.items()}, clauses)
    documents = {d.doc_no: d for d in head.documents} if head else {}
    ruling = {c.id: documents.get(c.doc_no) for c in clauses.values()}
    dated = {}
    for path, rule in rules.items():
        document = ruling.get(rule.clause)
        start = rule.effective_from or (document.effective_from if document else None)
        dated[path] = (rule.rule, start, rule.effective_to or (document.effective_to if document else None))
    yield from _overlaps(file, dated)
    for path, rule in rules.items():
        if rule.applies_to != "all" and f"hh_type.{rule.applies_to}" not in codes:
            yield Problem(
                file,
                f"{path}.applies_to",
                f"codes.yml 的 hh_type 没有 {rule.applies_to}",
                "写 all 或 hh_type 的代码",
            )


def _target_problems(
    targets: Mapping[str, TargetEntry],
    clauses: Mapping[str, Clause],
    codes: Mapping[str, Code],
    areas: Mapping[str, Area],
    departments: Mapping[str, Department],
) -> Iterator[Problem]:
    file = "targets.yml"
    yield from _unknown_departments(file, {f"{p}.owner": t.owner for p, t in targets.items() if t.owner}, departments)
    known_areas = {a.code for a in areas.values()}
    yield from _repeated(file, {p: t.target for p, t in targets.items()}, "目标编号")
    yield from _unknown_clauses(file, {p: t.clause for p, t in targets.items()}, clauses)
    for path, target in targets.items():
        if target.from_ is not None and target.due < target.from_:
            yield Problem(
                file,
                f"{path}.due",
                f"期限 {target.due} 早于起算月 {target.from_}",
                "from 应不晚于 due",
            )
        if target.area is not None and target.area not in known_areas:
            yield Problem(
                file,
                f"{path}.area",
                f"地区 {target.area} 不在 areas.csv",
                "改成已有的区划代码，或删去（即全境）",
            )
        for part in filter(None, target.breakdown.split("/")):
            if part.replace("=", ".", 1) not in codes:
                yield Problem(
                    file,
                    f"{path}.breakdown",
                    f"codes.yml 没有 {part}",
                    "写成 代码表=代码，如 cause=illness",
                )
