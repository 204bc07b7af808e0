"""Small files built in code, and everything that a file is held against."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.intake.check import Checked, check
from pipelines.intake.contract import Contract, load_contracts
from pipelines.intake.divisions import Divisions
from pipelines.intake.pseudonym import Pseudonyms, check_digit
from pipelines.intake.reader import Unreadable, read_table
from pipelines.intake.table import Headers
from pipelines.intake.types import Reading
from pipelines.policy import Pack, load_pack
from pipelines.settings import PROJECT, Settings

Grid = Sequence[Sequence[Any]]


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load_pack(PROJECT / "policies" / "menghai")


@pytest.fixture(scope="session")
def contracts() -> dict[str, Contract]:
    return load_contracts()


@pytest.fixture(scope="session")
def reading(pack: Pack) -> Reading:
    return Reading(pack, Divisions(pack.areas), Pseudonyms(b"a key of the tests"))


@pytest.fixture(scope="session")
def headers(contracts: dict[str, Contract]) -> Headers:
    return Headers(contracts)


@pytest.fixture
def held(contracts: dict[str, Contract], headers: Headers, reading: Reading) -> Callable[..., Checked]:
    """Recognise a file and hold it against its contract, for March 2020."""

    def run(data: bytes, name: str = "表.csv") -> Checked:
        try:
            sheets = read_table(data, name)
        except Unreadable:
            sheets = []
        extract = next(iter(headers.recognise(sheets, name)), None)
        return check(data, name, "2020-03", contracts[extract] if extract else None, headers, reading)

    return run


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def land(settings: Settings) -> Callable[..., Path]:
    """Put a file in the landing folder as if it had come at a certain time (UTC)."""

    def run(data: bytes, name: str, period: str = "2020-03", at: str = "2020-04-08T02:00:00+00:00") -> Path:
        path = settings.landing / period / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        stamp = datetime.fromisoformat(at).timestamp()
        os.utime(path, (stamp, stamp))
        return path

    return run


def id_of(i: int) -> str:
    """A made-up id number with a right check digit."""
    digits = f"5328221990{1 + i // 900 % 12:02d}{1 + i // 30 % 28:02d}{i % 899 + 101:03d}"
    return digits + check_digit(digits)


def csv_bytes(rows: Grid, encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_bytes(
    sheets: dict[str, Grid], merged: dict[str, Sequence[tuple[int, int, int, int, str]]] | None = None
) -> bytes:
    import xlsxwriter

    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        page = book.add_worksheet(name)
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                page.write(r, c, cell)
        for first_row, first_column, last_row, last_column, text in (merged or {}).get(name, ()):
            page.merge_range(first_row, first_column, last_row, last_column, text)
    book.close()
    return data.getvalue()


POST_HEADER = ("乡镇", "村", "姓名", "身份证号码", "岗位类别", "上岗时间", "月补贴（元）")


def post(i: int, **changed: Any) -> list[Any]:
    """A row of the extract public_post."""
    row: dict[str, Any] = {
        "township": "勐海镇", "village": "曼真村委会", "name": f"测试{i}", "id": id_of(i), "post": "护林员",
        "start": "2019-05-01", "pay": "800",
    }  # fmt: skip
    return list((row | changed).values())


def posts(n: int, *changes: dict[str, Any], header: Sequence[str] = POST_HEADER) -> list[Sequence[Any]]:
    """A header and ``n`` rows of public_post, the first ones changed as given."""
    return [header, *(post(i, **(changes[i] if i < len(changes) else {})) for i in range(n))]
