"""Small files of accepted rows, as intake leaves them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations import AcceptedFile
from pipelines.intake.address import pack
from pipelines.intake.contract import load_contracts

Rows = list[dict[str, Any]]
Accepted = Callable[..., AcceptedFile]


@pytest.fixture
def accepted(tmp_path: Path) -> Accepted:
    """``accepted(extract, period, rows)`` writes a submission whose first data row is row 4, with the text of each cell beside it."""
    contracts = load_contracts()
    numbers = iter(range(1, 1000))

    def write(extract: str, period: str, rows: Rows, judged: bool = True) -> AcceptedFile:
        number = next(numbers)
        contract = contracts[extract]
        personal = {c.name for c in contract.columns if c.personal}
        con = duckdb.connect()
        columns = [f'"{name}" {kind}' for name, kind in contract.schema()]
        texts = [f'"{name}__text" VARCHAR' for name, _ in contract.schema() if name not in personal]
        keys = [
            "_submission INTEGER",
            "_sheet INTEGER",
            "_row INTEGER",
            "_source BIGINT",
            "_period VARCHAR",
            "_quarantined VARCHAR[]",
        ]
        con.execute(f"create table t ({', '.join(columns + texts + keys)})")
        for place, row in enumerate(rows, start=4):
            cells = {
                **row,
                **{
                    f"{k}__text": str(v)
                    for k, v in row.items()
                    if v is not None and k in contract_names(contract) - personal
                },
                "_submission": number,
                "_sheet": 1,
                "_row": place,
                "_source": pack(number, 1, place),
                "_period": period,
            }
            cells.setdefault("_quarantined", [])
            names = ", ".join(f'"{k}"' for k in cells)
            con.execute(f"insert into t ({names}) values ({', '.join('?' * len(cells))})", list(cells.values()))
        path = tmp_path / f"{number}.parquet"
        con.execute(f"copy t to '{path}' (format parquet)")
        headers = {c.name: c.headers[0] for c in contract.columns}
        return AcceptedFile(
            extract, contract.department, period, number, f"{extract}.xlsx", str(path), ("表一",), headers, judged
        )

    return write


def contract_names(contract: Any) -> set[str]:
    """The names of a contract's columns."""
    return {c.name for c in contract.columns}
