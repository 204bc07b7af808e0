"""A county of a few plainly simulated people, whose files go the whole way: intake, vault, binding, models, release."""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.gate import decide
from pipelines.indicators import load_catalogue
from pipelines.intake.contract import Contract, load_contracts
from pipelines.intake.keys import open_keys
from pipelines.intake.pseudonym import check_digit, pseudonyms
from pipelines.intake.receive import take_in
from pipelines.policy import load_pack
from pipelines.release import Release, open_release, seal
from pipelines.settings import Settings
from pipelines.warehouse import compiled_models, prepare, run_compiled

MONTH = "2020-03"
LATER = "2021-06-01T00:00:00Z"
HERE, THERE = "曼贺", "曼短"
Row = dict[str, Any]


def id_number(serial: int, born: str = "19800101") -> str:
    """A well-formed id number of nobody."""
    seventeen = f"532822{born}{serial:03d}"
    return seventeen + check_digit(seventeen)


def optional_ids(contract: Contract) -> Contract:
    """A contract like it whose rows may lack the person's id."""
    columns = tuple(c.model_copy(update={"required": False}) if c.name == "person_id" else c for c in contract.columns)
    return contract.model_copy(update={"columns": columns, "key": ("person_name", "village_code", "post_type")})


class County:
    """Files for a small county; posts may come without id numbers."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.pack = load_pack(settings.policy_dir)
        shipped = load_contracts()
        self.contracts = shipped | {"public_post": optional_ids(shipped["public_post"])}
        self.catalogue = replace(load_catalogue(), extracts=("public_post", "housing"))
        self.sent = 0

    def send(self, extract: str, *rows: Row, month: str = MONTH, at: str = "2020-04-08T02:00:00+00:00") -> None:
        contract = self.contracts[extract]
        names = [c.name for c in contract.columns if c.required or any(c.name in row for row in rows)]
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow([contract.column(n).headers[0] for n in names])
        writer.writerows([[row.get(n, "") for n in names] for row in rows])
        self.sent += 1
        path = self.settings.landing / month / f"{contract.title.zh}{self.sent}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.getvalue(), encoding="utf-8")
        stamp = datetime.fromisoformat(at).timestamp()
        os.utime(path, (stamp, stamp))
        took = take_in(self.settings, self.pack, self.contracts, [month])
        assert [s.state for s in took] == ["accepted"], [s.reason for s in took]

    def registers(self, *people: Row, homes: tuple[Row, ...] = (), month: str = MONTH) -> None:
        """The two registers of a month; households are those of the people unless they are given."""
        seen = dict.fromkeys(p["hh_id"] for p in people)
        self.send("hh_register", *(homes or tuple(home(h) for h in seen)), month=month)
        self.send("person_register", *people, month=month)

    def build(self, month: str = MONTH, as_of: str = LATER, asked: Sequence[str] = ()) -> duckdb.DuckDBPyConnection:
        """The candidate of a month with the models asked for, all when none is named."""
        models = compiled_models(self.settings)
        prepare(self.settings, self.pack, self.contracts, self.catalogue, [month], as_of)
        con = duckdb.connect(str(self.settings.candidate))
        run_compiled(con, models, asked)
        return con

    def release(self, month: str = MONTH, as_of: str = LATER) -> Release:
        with self.build(month, as_of) as con:
            decide(con, self.pack, [], [], self.contracts)
            seal(self.settings, self.pack, self.catalogue, con, [month], as_of)
        return open_release(self.settings, month)

    def lists(self, month: str = MONTH) -> dict[str, list[tuple[Any, ...]]]:
        """list → (row of the file, household, other household) of each entry."""
        with self.build(month, asked=["int_identity"]) as con:
            rows = con.execute(
                "select list, source % 100000000, hh_id, other_hh_id from main.int_identity order by all"
            ).fetchall()
        found: dict[str, list[tuple[Any, ...]]] = {}
        for name, *rest in rows:
            found.setdefault(name, []).append(tuple(rest))
        return found

    def household(self, text: str) -> str:
        return str(pseudonyms(open_keys(self.settings).pseudonyms).household(text))

    def person(self, text: str) -> str:
        return str(pseudonyms(open_keys(self.settings).pseudonyms).person(text))


def home(hh_id: str, village: str = HERE, **given: Any) -> Row:
    base = {
        "hh_id": hh_id,
        "head_name": "测试户主",
        "township_code": "勐海镇",
        "village_code": village,
        "hh_type": "建档立卡户",
    }
    return base | {"poverty_status": "已脱贫", "hh_size": 1} | given


def member(hh_id: str, serial: int, name: str = "", relation: str = "户主", **given: Any) -> Row:
    return {
        "hh_id": hh_id, "person_name": name or f"测试{serial}", "person_id": id_number(serial), "relation": relation,
    } | given  # fmt: skip


@pytest.fixture
def county(compiled: Settings, tmp_path: Path) -> County:
    settings = Settings(home=tmp_path / "home")
    shutil.copytree(compiled.build / "dbt", settings.build / "dbt")
    return County(settings)
