"""What the intake benchmark feeds its readers, and its table. Nothing here measures time."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.intake import Contest, make, table
from benchmarks.readers import fangpin
from benchmarks.report import Measured


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".xls"])
def test_a_file_of_the_benchmark_is_taken_in_with_its_bad_rows_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"住院结算{suffix}"
    make(path, 500)
    assert fangpin(path, tmp_path) == 500


def test_the_table_says_how_many_times_faster_and_what_was_aimed_at() -> None:
    def run(rows_a_second: float) -> list[Measured]:
        return [Measured(1.0, {"rows": rows_a_second, "seconds": 1.0}, 100.0)]

    made = table({"f": {"fangpin": run(40), "calamine": run(80)}}, (Contest("f", ".xlsx", 80, {"calamine": 0.5}),))
    assert made.splitlines()[2:] == [
        "| f | 80 | fangpin | 40 | 100 MB |  |  |",
        "| f | 80 | calamine | 80 | 100 MB | 0.50 × | ≥ 0.50 × |",
    ]
