"""The pages of docs/ that are made from data: contracts, codes, indicators, and what a row of each table is.

``python -m pipelines.dictionary`` writes them; a test makes them again and compares. No fact is stated here.
"""

from __future__ import annotations

from calendar import month_name
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines import yml
from pipelines.indicators import Catalogue, Indicator, load_catalogue
from pipelines.intake.contract import EVERY_MONTH, Column, Contract, load_contracts
from pipelines.policy import Pack, load_pack
from pipelines.settings import PROJECT, Settings

DOCS = PROJECT / "docs"
MODELS = PROJECT / "dbt_project" / "models"
MADE = "<!-- made by `make docs`: change the source, not this {} -->"
BEGIN, END = MADE.format("part"), "<!-- end of the made part -->"

FOLDERS = ("staging", "intermediate", "measures", "contributions", "marts")

KINDS = {
    "snapshot": "A file lists everything as it stands at the end of the month",
    "events": "A file lists what happened in the month",
    "occasional": "A file is sent when there is one, and no month waits for it",
}
COVERS = {
    "county": "one file speaks for the county",
    "township": "every township owes its own file",
    "village": "every village owes its own file",
}
CORRECTED = {
    "whole": "A corrected file replaces the earlier one",
    "key": "A corrected file replaces the rows of the earlier one that have its keys",
}
NAMES = {
    "registered": "households or persons of the registers",
    "residents": "households or persons, in the registers or not",
    "officials": "officials, whom no register has",
}
SILENCE = {"zero": "means none", "unknown": "means that it is not known"}


def dictionary(contracts: Mapping[str, Contract], packs: Sequence[Pack], catalogue: Catalogue) -> str:
    """docs/dictionary.md: extracts with their columns, the indicators made from them, and the codes that columns may hold.

    Names and codes are those of the first pack.
    """
    pack = packs[0]
    maps = sorted({c.codes for contract in contracts.values() for c in contract.columns if c.codes})
    return _page(
        [
            MADE.format("page"),
            "# Data dictionary",
            "What departments send, as the contracts in `pipelines/contracts/` say it, and which indicators are made from it."
            f" Department names and codes are those of the policy pack `{pack.name}` ({pack.title.zh}).",
            "*Personal* columns are kept as keyed pseudonyms from the first submission on. Headers are compared without spaces,"
            " required-marks and units in brackets; levels of a merged header are joined by `/`.",
            f"[Extracts](#extracts) ({len(contracts)}, by department) · [Indicators](#indicators) ({len(catalogue.indicators)}) ·"
            f" [Codes](#codes) ({len(maps)} maps)",
            "## Extracts",
            _table(("department", "extract", "上报数据", "owed", "grain"), _contents(contracts, pack)),
            *(block for contract in contracts.values() for block in _extract(contract, packs)),
            "## Indicators",
            "An additive indicator adds up its numerator over the subjects of its population; `<fact>__<column>` is a column of"
            " the subject model. A derived one is a formula over two figures.",
            _table(
                ("indicator", "名称", "unit", "subject model", "adds up", "broken down by", "clauses"),
                (_indicator(i, catalogue) for i in catalogue.indicators.values()),
            ),
            "## Codes",
            *(block for name in maps for block in (f"### {name} codes", _codes(pack, name))),
        ]
    )


def grain(page: str, models: Path = MODELS) -> str:
    """docs/grain.md with its made part written again from the yml beside the dbt models.

    Raises ValueError when the page has lost the marks of that part.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"docs/grain.md needs the lines {BEGIN!r} and {END!r} around its table of models")
    table = _table(("table", "what it holds", "one row", "key"), _tables(models))
    return f"{before}{begin}\n\n{table}\n\n{end}{after}"


def _contents(contracts: Mapping[str, Contract], pack: Pack) -> Iterator[Sequence[str]]:
    """Extracts by department, as the pack lists these; a department is named once."""
    listed = list(pack.departments)
    last = ""
    for contract in sorted(contracts.values(), key=lambda c: (listed.index(c.department), c.extract)):
        name = pack.department_name(contract.department)
        department, last = "" if name == last else name, name
        owed = _cadence(contract).removeprefix("Owed ")
        yield department, f"[{contract.extract}](#{contract.extract})", contract.title.zh, owed, contract.grain


def _extract(contract: Contract, packs: Sequence[Pack]) -> Iterator[str]:
    yield f"### {contract.extract}"
    yield f"**{contract.title.zh}** · {contract.title.en} · {packs[0].department_name(contract.department)}"
    yield "\n".join(
        (
            f"- {contract.grain.capitalize()}. Key: {_names(contract.key)}.",
            *([f"- A part of `{contract.part_of}` in the clause register."] if contract.part_of else ()),
            f"- {_cadence(contract)}; {COVERS[contract.covers]}.",
            f"- {KINDS[contract.kind]}; no row for a subject {SILENCE[contract.silence]}.",
            f"- Stays known for {contract.stays_known_months} month{'s' if contract.stays_known_months > 1 else ''};"
            f" refused whole when more than {contract.max_refused_share:.0%} of its rows are refused.",
            f"- {CORRECTED[contract.corrected_by]}.",
            *([f"- Rows are about {NAMES[contract.names]}."] if _names_people(contract) else ()),
            *(
                f"- Clauses of {pack.title.zh}: {', '.join(c.id for c in clauses)}."
                for pack in packs
                if (clauses := pack.clauses_needing(contract.extract, contract.part_of))
            ),
        )
    )
    yield _table(
        ("column", "名称", "headers accepted", "type", "unit", "allowed", "notes"),
        (
            (f"`{c.name}`", c.title.zh, "、".join(c.headers), c.type, c.unit or "", _allowed(c), "; ".join(_notes(c)))
            for c in contract.columns
        ),
    )


def _names_people(contract: Contract) -> bool:
    return bool({"person_id", "hh_id"} & {c.name for c in contract.columns})


def _cadence(contract: Contract) -> str:
    if contract.kind == "occasional":
        return "No deadline"
    if contract.months == EVERY_MONTH:
        return "Owed every month"
    return f"Owed for {', '.join(month_name[m] for m in contract.months)}"


def _allowed(column: Column) -> str:
    if column.codes:
        return f"[{column.codes}](#{column.codes}-codes)"
    bounds = (("≥", column.min), ("≤", column.max))
    return ", ".join(f"{sign} {bound:f}" for sign, bound in bounds if bound is not None)


def _notes(column: Column) -> Iterator[str]:
    if column.field:
        yield f"`{column.field}` in the clause register"
    if column.required:
        yield "required"
    if column.personal:
        yield "personal"
    if column.merged_down:
        yield "blank repeats the row above"


def _codes(pack: Pack, name: str) -> str:
    return _table(
        ("code", "accepted words", "English", "groups"),
        ((f"`{code}`", "、".join(item.zh), item.en, ", ".join(item.groups)) for code, item in pack.codes[name].items()),
    )


def _indicator(indicator: Indicator, catalogue: Catalogue) -> Sequence[str]:
    derived = indicator.derived
    if derived:
        model, by = "", f"`{derived.by}`" if derived.by else ""
        whole = f"`{derived.denominator}`"
        part = f"(`{derived.numerator}` − {whole})" if derived.growth else f"`{derived.numerator}`"
        less = f" − `{derived.less.numerator}` / `{derived.less.denominator}` × {derived.scale}" if derived.less else ""
        adds_up = f"{part} / {whole} × {derived.scale}{less}, {derived.decimals} decimals"
    else:
        model, by = f"`{catalogue.subject[indicator.code].model}`", _names(indicator.breakdowns)
        adds_up = f"`{indicator.numerator}` where `{indicator.population}`"
    return (
        f"`{indicator.code}`",
        indicator.title.zh,
        indicator.unit.zh,
        model,
        adds_up,
        by,
        indicator.own.en if indicator.own else ", ".join(indicator.all_clauses),
    )


def _tables(models: Path) -> Iterator[Sequence[str]]:
    """Sources and models of the dbt project, in the order in which data passes through them."""
    for folder in FOLDERS:
        for file in sorted((models / folder).glob("*.yml")):
            said = yml.parse(file.read_text(encoding="utf-8"))
            for source in said.get("sources", ()):
                for table in source["tables"]:
                    if "description" in table:
                        yield _row(f"{source['name']}.{table['name']}", table)
            for model in said.get("models", ()):
                yield _row(model["name"], model)


def _row(name: str, said: Mapping[str, Any]) -> Sequence[str]:
    what, _, row = said["description"].strip().rpartition("One row")
    return f"`{name}`", what.strip(), row.strip().rstrip("."), _key(said)


def _key(model: Mapping[str, Any]) -> str:
    """The columns that the model's ``unique_key`` test holds to be its key; empty when it has none."""
    for test in model.get("data_tests", ()):
        if isinstance(test, Mapping) and "unique_key" in test:
            return _names(test["unique_key"]["arguments"]["columns"])
    return ""


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{n}`" for n in names)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _page(blocks: Iterable[str]) -> str:
    return "\n\n".join(blocks) + "\n"


def pages(settings: Settings) -> dict[Path, str]:
    """Path → text of every page that is made from data."""
    page = DOCS / "grain.md"
    shipped = {path.parent.name: path.parent for path in settings.policies.glob("*/pack.yml")}
    packs = [load_pack(shipped[name]) for name in sorted(shipped, key=lambda name: (name != settings.policy, name))]
    return {
        DOCS / "dictionary.md": dictionary(load_contracts(), packs, load_catalogue()),
        page: grain(page.read_text(encoding="utf-8")),
    }


if __name__ == "__main__":
    for path, text in pages(Settings.load()).items():
        path.write_text(text, encoding="utf-8")
