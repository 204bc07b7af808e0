"""The benchmark's own arithmetic, and that the README says what was measured. Nothing here measures time."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.refresh import table
from benchmarks.report import README, RESULTS, Measured, embed, marks, run


def test_the_table_holds_medians_and_leaves_out_what_was_not_measured() -> None:
    made = table(
        {
            "one": [
                Measured(3.0, {"dbt": 1.0}, 100),
                Measured(9.0, {"dbt": 5.0}, 300),
                Measured(4.0, {"dbt": 2.0}, 200),
            ],
            "demo": [Measured(7.0, {}, 50)],
        }
    )
    assert made.splitlines()[2:] == ["| one | 2.0 s | **4.0 s** | 200 MB |", "| demo |  | **7.0 s** | 50 MB |"]


def test_a_run_reads_the_split_from_the_last_line(tmp_path: Path) -> None:
    assert run((sys.executable, "-c", "print('working'); print('{\"dbt\": 1.5}')"), tmp_path).parts == {"dbt": 1.5}


def test_a_run_that_fails_says_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no such month"):
        run((sys.executable, "-c", "raise SystemExit('no such month')"), tmp_path)


def test_only_the_marked_part_of_a_page_is_replaced() -> None:
    begin, end = marks("one")
    page = embed(f"above\n{begin}\n\nstale\n\n{end}\nbelow", "one", "fresh")
    assert page == f"above\n{begin}\n\nfresh\n\n{end}\nbelow"


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="needs the lines"):
        embed("nothing", "one", "fresh")


@pytest.mark.parametrize("result", sorted(RESULTS.glob("*.md")), ids=lambda path: path.stem)
def test_the_readme_says_what_was_measured(result: Path) -> None:
    _, _, made = result.read_text(encoding="utf-8").partition("\n\n")
    assert made.strip() in README.read_text(encoding="utf-8")
