"""The pages of docs/ that are made from data say what the data say."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import get_args

import pytest
import yaml

from pipelines.dictionary import BEGIN, DOCS, END, grain, pages
from pipelines.intake.contract import ColumnType, Contract
from pipelines.settings import Settings


@pytest.mark.parametrize("name", ["dictionary.md", "grain.md"])
def test_the_committed_page_is_what_make_docs_writes(name: str, tmp_path: Path) -> None:
    made = {path.name: (path, text) for path, text in pages(Settings(tmp_path)).items()}
    path, text = made[name]
    assert path.read_text(encoding="utf-8") == text, "run `make docs` and commit the page"


def test_the_grain_and_key_of_a_model_are_read_from_its_yml(tmp_path: Path) -> None:
    folder = tmp_path / "marts"
    folder.mkdir()
    (folder / "fct.yml").write_text(
        "models:\n- name: fct_sales\n  description: What was sold. One row per shop and day.\n"
        "  data_tests:\n  - unique_key: {arguments: {columns: [shop, day]}}\n",
        encoding="utf-8",
    )
    page = grain(f"before {BEGIN} stale {END} after", tmp_path)
    assert "| `fct_sales` | What was sold. | per shop and day | `shop`, `day` |" in page
    assert page.startswith("before ")
    assert page.endswith(" after")
    assert "stale" not in page


def test_the_example_of_a_new_department_is_a_contract() -> None:
    page = (DOCS / "add-a-department.md").read_text(encoding="utf-8")
    example = textwrap.dedent(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0])
    assert Contract.model_validate(yaml.safe_load(example)).extract == "cooking_fuel"
    types = page.partition("Types:")[2].partition("2. ")[0]
    assert [t for t in get_args(ColumnType) if f"`{t}`" not in types] == []


def test_a_grain_page_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="needs the lines"):
        grain("nothing here")
