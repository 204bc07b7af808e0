"""The readers that benchmarks/intake compares, each run as ``python readers.py READER FILE [HOME]`` in a process of its own.

It prints ``{"rows": …, "seconds": …}``; imports and the reading of a small file before it are not in the seconds. Nothing here is
imported by the project: dlt and pandas with openpyxl live in an environment apart, which has no fangpin.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HEADER_ROWS = 2  # a title and the header


def calamine(path: Path, _: Path) -> int:
    """The bare parser of workbooks: every cell as a Python value."""
    from python_calamine import CalamineWorkbook

    return len(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()) - HEADER_ROWS


def polars(path: Path, _: Path) -> int:
    """The bare parser of CSV: bytes decoded, every cell as text."""
    import io

    import polars as pl

    text = path.read_bytes().decode("gb18030")
    return pl.read_csv(io.StringIO(text), skip_rows=1, infer_schema=False).height


def pandas(path: Path, _: Path) -> int:
    """What most people would write."""
    import pandas as pd

    if path.suffix == ".csv":
        return len(pd.read_csv(path, encoding="gb18030", skiprows=1))
    return len(pd.read_excel(path, engine="openpyxl", skiprows=1))


def dlt(path: Path, home: Path) -> int:
    """A loader that types and normalises: dictionaries into DuckDB."""
    import csv

    import dlt as tool  # type: ignore[import-not-found]  # in the environment of the benchmarks only

    if path.suffix == ".csv":
        with path.open(encoding="gb18030", newline="") as file:
            next(file)
            rows: list[dict[str, Any]] = list(csv.DictReader(file))
    else:
        from python_calamine import CalamineWorkbook

        cells = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[1:]
        rows = [dict(zip(map(str, cells[0]), row, strict=True)) for row in cells[1:]]
    where = Path(tempfile.mkdtemp(dir=home))
    pipeline = tool.pipeline(
        "bench", destination=tool.destinations.duckdb(str(where / "d.duckdb")), pipelines_dir=str(where)
    )
    pipeline.run(rows, table_name="settlement")
    return len(rows)


def fangpin(path: Path, home: Path) -> int:
    """The whole of intake: recognised, read, typed, checked, pseudonyms, vault, archive, raw Parquet, slip, ledger."""
    import os
    import shutil
    from datetime import UTC, datetime

    from pipelines.intake import contract, receive
    from pipelines.policy import load_pack
    from pipelines.settings import Settings

    settings = Settings(home=Path(tempfile.mkdtemp(dir=home)))
    landed = settings.landing / "2020-03" / path.name
    landed.parent.mkdir(parents=True)
    shutil.copy(path, landed)
    stamp = datetime(2020, 4, 8, tzinfo=UTC).timestamp()
    os.utime(landed, (stamp, stamp))
    pack, contracts = load_pack(settings.policy_dir), contract.load_contracts()
    begun = time.perf_counter()
    (taken,) = receive.take_in(settings, pack, contracts, ["2020-03"])
    fangpin.seconds = time.perf_counter() - begun  # type: ignore[attr-defined]  # without copying, pack and contracts
    if taken.state != "accepted" or not taken.rows_quarantined:
        raise RuntimeError(
            f"{path.name}: {taken.state}, {taken.rows_quarantined} rows quarantined: {taken.reason[:300]}"
        )
    return taken.rows_accepted + taken.rows_quarantined


READERS = {reader.__name__: reader for reader in (calamine, polars, pandas, dlt, fangpin)}


def main() -> None:
    """Read a small file, then the file, and say how long the second took."""
    reader, path, small, home = READERS[sys.argv[1]], *map(Path, sys.argv[2:5])
    reader(small, home)
    begun = time.perf_counter()
    rows = reader(path, home)
    seconds = getattr(reader, "seconds", time.perf_counter() - begun)
    print(json.dumps({"rows": rows, "seconds": seconds}))  # its answer to benchmarks.intake


if __name__ == "__main__":
    main()
