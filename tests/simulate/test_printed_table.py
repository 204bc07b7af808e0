"""The table of causes as the document prints it, typed as a department's workbook, against the clause register."""

from __future__ import annotations

from pipelines.policy import Pack
from pipelines.settings import PROJECT
from tests.simulate.conftest import rows_of

WORKBOOK = PROJECT / "policies" / "menghai" / "inputs" / "2017-12_未脱贫户致贫原因统计表.xlsx"


def test_all_36_numbers_are_as_printed(pack: Pack) -> None:
    body = rows_of(WORKBOOK)[3:12]
    clauses = [[pack.clauses[f"MH18-{37 + 4 * i + j:03d}"] for j in range(4)] for i in range(9)]
    assert [row[0] for row in body] == [of_cause[0].subject_zh.split("：")[0] for of_cause in clauses]
    assert [row[1:] for row in body] == [[float(c.quantity) for c in of_cause] for of_cause in clauses]


def test_the_total_row_is_the_sum(pack: Pack) -> None:
    table = rows_of(WORKBOOK)
    total = table[12]
    assert total[:3] == ["合计", float(pack.clauses["MH18-035"].quantity), float(pack.clauses["MH18-036"].quantity)]
    assert [sum(row[i] for row in table[3:12]) for i in (1, 2)] == total[1:3]
    assert [round(sum(row[i] for row in table[3:12]), 2) for i in (3, 4)] == total[3:]


def test_it_looks_like_a_department_s_table() -> None:
    table = rows_of(WORKBOOK)
    assert table[0][0].startswith("勐海县未脱贫户致贫原因统计表")
    assert table[2] == ["致贫原因", "户数", "人数", "户占比（%）", "人占比（%）"]
    assert table[13][0].startswith("填表人")
