"""What an extract must look like: the contracts' schema and their loader. How a file is held against one is in table and types."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines import yml

SHIPPED = Path(__file__).resolve().parent.parent / "contracts"

ColumnType = Literal[
    "household_no", "id_number", "person_name", "text", "code", "integer", "decimal", "amount",
    "date", "month", "yes_no", "township", "village",
]  # fmt: skip
NAMING = ("person_id", "hh_id", "person_name", "head_name", "village_code")
REGISTERS = ("hh_register", "person_register")  # who there is: other extracts' rows are looked up in them
PERSONAL = ("household_no", "id_number", "person_name")
NUMERIC = ("integer", "decimal", "amount")
_DUCKDB = {
    "integer": "BIGINT",
    "decimal": "DECIMAL(18,2)",
    "amount": "DECIMAL(18,2)",
    "date": "DATE",
    "yes_no": "BOOLEAN",
}

_UNIT = re.compile(
    r"\((?:单位:)?(?:人民币)?(?:亿元|万元|千元|元|人次|人|户|座|个|栋|间|亩|年|月|岁|元/人|元/月|平方米|㎡|m2|%)\)"
)

Text = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Month = Annotated[int, Field(ge=1, le=12)]
EVERY_MONTH = tuple(range(1, 13))


@lru_cache(1 << 14)
def header_forms(header: str) -> tuple[str, str]:
    """The two ways in which a header is looked up: as written, and without units in brackets.

    Both without white space, required-marks and differences of width: ``总费用 （万元）`` → ``总费用(万元)``, ``总费用``.
    """
    plain = re.sub(r"[\s*]", "", unicodedata.normalize("NFKC", header))
    return plain, _UNIT.sub("", plain) or plain


class Part(BaseModel):
    """A piece of a contract: never changed once read, and without keys that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Title(Part):
    """What people call something, Chinese first."""

    zh: Text
    en: Text


class Column(Part):
    """One column: the headers it goes by (levels joined by ``/``), its type, and which values it may hold.

    ``min`` and ``max`` are in ``unit``, after 万元 has become yuan. ``merged_down`` columns take a blank from the row above.
    ``field`` is what the clause register calls it, where that is not its name.
    """

    name: Name
    title: Title
    headers: Annotated[tuple[Text, ...], Field(min_length=1)]
    type: ColumnType
    field: Name | None = None
    codes: Text | None = None
    unit: Text | None = None
    required: bool = False
    personal: bool = False
    min: Decimal | None = None
    max: Decimal | None = None
    merged_down: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Column:
        wrong = []
        if (self.type == "code") != (self.codes is not None):
            wrong.append("codes 与 type: code 必须同时出现")
        if self.personal != (self.type in PERSONAL):
            wrong.append(f"personal: true 只用于且必须用于 {'、'.join(PERSONAL)}")
        if self.type not in NUMERIC and (self.min is not None or self.max is not None or self.unit is not None):
            wrong.append("min、max、unit 只用于数值列")
        if self.type in NUMERIC and self.unit is None:
            wrong.append("数值列要写 unit")
        if self.type == "amount" and self.unit not in (None, "yuan"):
            wrong.append("amount 的 unit 是 yuan")
        if self.min is not None and self.max is not None and self.min > self.max:
            wrong.append("min 大于 max")
        if wrong:
            raise ValueError("；".join(wrong))
        return self

    @property
    def duckdb(self) -> str:
        """The DuckDB type of the typed column."""
        return _DUCKDB.get(self.type, "VARCHAR")


class Contract(Part):
    """One extract.

    ``part_of``: what the clause register calls an extract that departments send in parts, this being one of them. ``months``: the
    calendar months for which it is owed (``[12]``: once a year). ``covers``: the area that one file speaks for; with ``township``
    each township owes its own. ``corrected_by``: a later revision replaces the earlier one whole, or only the rows of its keys.
    ``names``: whom hh_id and person_id name: people of the registers, anybody of the county, or officials, whom no register has.
    ``positions``: the columns from the left of a sheet that comes without a header, null for one that nobody reads. ``ignored``
    headers are known and carry nothing; a file with more than ``max_refused_share`` of its rows refused is refused whole.
    """

    extract: Name
    part_of: Name | None = None
    title: Title
    department: Name
    grain: Text
    key: Annotated[tuple[Name, ...], Field(min_length=1)]
    kind: Literal["snapshot", "events", "occasional"]
    months: Annotated[tuple[Month, ...], Field(min_length=1)] = EVERY_MONTH
    covers: Literal["county", "township", "village"]
    silence: Literal["zero", "unknown"]
    stays_known_months: Annotated[int, Field(ge=1)]
    corrected_by: Literal["whole", "key"]
    recognise: Annotated[tuple[Text, ...], Field(min_length=1)]
    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    names: Literal["registered", "residents", "officials"] = "registered"
    positions: tuple[Name | None, ...] = ()
    ignored: tuple[Text, ...] = ("序号",)
    max_refused_share: Annotated[float, Field(ge=0, le=1)] = 0.2

    @model_validator(mode="after")
    def _consistent(self) -> Contract:
        names = [c.name for c in self.columns]
        wrong = [f"列 {n} 写了两次" for n in sorted({n for n in names if names.count(n) > 1})]
        wrong += [f"key 中的 {k} 不是本表的列" for k in self.key if k not in names]
        wrong += [f"key 中的 {c.name} 要 required: true" for c in self.columns if c.name in self.key and not c.required]
        places = ("township", "village") if self.covers == "township" else (self.covers,)
        if self.covers != "county" and not any(c.type in places for c in self.columns):
            wrong.append(f"covers: {self.covers} 要有 type: {' 或 '.join(places)} 的列，否则不知道一行是哪里的")
        placed = [p for p in self.positions if p]
        wrong += [f"positions 中的 {p} 不是本表的列" for p in placed if p not in names]
        wrong += [f"positions 中的 {p} 写了两次" for p in sorted({p for p in placed if placed.count(p) > 1})]
        if placed:
            unplaced = [c.name for c in self.columns if c.required and c.name not in placed]
            wrong += [f"positions 缺必填列 {name}" for name in unplaced]
        if len(set(self.months)) < len(self.months):
            wrong.append("months 有重复的月份")
        if self.kind == "occasional" and self.months != EVERY_MONTH:
            wrong.append("occasional 不按月份上报，不写 months")
        owners: dict[str, str] = {}
        for column in self.columns:
            for form in {f for header in column.headers for f in header_forms(header)}:
                if owners.setdefault(form, column.name) != column.name:
                    wrong.append(f"表头“{form}”同属 {owners[form]} 和 {column.name}")
        if wrong:
            raise ValueError("；".join(wrong))
        return self

    def schema(self) -> list[tuple[str, str]]:  # type: ignore[override]  # pydantic's own is long deprecated
        """Name and DuckDB type of every typed column, in the contract's order."""
        return [(c.name, c.duckdb) for c in self.columns]

    def column(self, name: str) -> Column:
        """The column of that name. Raises KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.extract} has no column {name}")

    @property
    def naming(self) -> frozenset[str]:
        """The columns that say whom a row is about. Empty where no register could know them: officials, and rows about nobody."""
        there = {c.name for c in self.columns}
        if self.names == "officials" or not there & {"person_id", "hh_id"}:
            return frozenset()
        return frozenset(there & {*NAMING})

    def owed(self, period: str) -> bool:
        """Whether a file is due for a month (YYYY-MM)."""
        return self.kind != "occasional" and int(period[5:]) in self.months

    @property
    def places(self) -> tuple[str, ...]:
        """The columns that name the area of a row, the lowest level first; none where one file speaks for the county."""
        if self.covers == "county":
            return ()
        return tuple(c.name for level in ("village", "township") for c in self.columns if c.type == level)

    @property
    def sha256(self) -> str:
        """Fingerprint of what the contract says, comments and layout of its file aside."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class ContractError(Exception):
    """Contracts that cannot be used. ``problems`` holds everything that is wrong: file, place, what and how to mend."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("数据规范有误：\n" + "\n".join(f"  {p}" for p in self.problems))


def load_contracts(directory: Path | None = None) -> dict[str, Contract]:
    """Extract → contract for every ``*.yml`` of a folder, in the order of their names; the shipped ones are read once a process.

    Raises ContractError with the problems of all files at once.
    """
    return dict(_shipped()) if directory is None else _read(directory)


@cache
def _shipped() -> dict[str, Contract]:
    return _read(SHIPPED)


def _read(directory: Path) -> dict[str, Contract]:
    contracts: dict[str, Contract] = {}
    problems: list[str] = []
    files = sorted(directory.glob("*.yml"))
    if not files:
        problems.append(f"{directory}：没有 *.yml 文件")
    for file in files:
        try:
            contract = Contract.model_validate(yml.parse(file.read_text(encoding="utf-8")))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            problems.append(f"{file.name}：不是可读的 YAML（{error}）；改正缩进、引号和编码（UTF-8）")
        except ValidationError as error:
            problems += [f"{file.name} {_place(e['loc'])}：{_what(dict(e))}" for e in error.errors()]
        else:
            if contract.extract != file.stem:
                problems.append(f"{file.name} extract：写的是 {contract.extract}；文件名要与 extract 一致")
            contracts[contract.extract] = contract
    if problems:
        raise ContractError(problems)
    return contracts


def check_codes(contracts: Iterable[Contract], code_maps: Iterable[str], departments: Iterable[str]) -> None:
    """Hold contracts against a pack: every code map and department that they name must be there.

    Raises ContractError with all that are not.
    """
    maps, known = set(code_maps), set(departments)
    problems = []
    for contract in contracts:
        if contract.department not in known:
            problems.append(
                f"{contract.extract}.yml department：政策包没有部门 {contract.department}；补 departments.yml"
            )
        problems += [
            f"{contract.extract}.yml {c.name}：政策包没有代码表 {c.codes}；补 codes.yml"
            for c in contract.columns
            if c.codes is not None and c.codes not in maps
        ]
    if problems:
        raise ContractError(problems)


def _place(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in loc) or "整个文件"


def _what(error: dict[str, Any]) -> str:
    match error["type"]:
        case "missing":
            return "缺这一项；补上"
        case "extra_forbidden":
            return "没有这个键；删去或改正拼写"
        case "literal_error":
            return f"写的是 {error['input']!r}；只能是 {error['ctx']['expected']}"
        case "value_error":
            return str(error["ctx"]["error"])
        case _:
            return f"{error['msg']}（写的是 {error['input']!r}）"
