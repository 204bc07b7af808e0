"""A candidate that tests fill row by row: typed rows as intake would have accepted them, built by the compiled models."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.indicators import load_catalogue
from pipelines.intake.contract import load_contracts
from pipelines.intake.ledger import Ledger
from pipelines.policy import load_pack
from pipelines.settings import Settings
from pipelines.warehouse import prepare, run_compiled
from pipelines.warehouse.dbt import Model

MONTH = "2020-03"
HERE, THERE = "532822101001", "532822102001"
SUBMISSION = {x: n for n, x in enumerate(sorted(load_contracts()), start=1)}


class County:
    """A candidate into which a test lays typed rows, as intake would have accepted them."""

    def __init__(self, settings: Settings, models: list[Model]) -> None:
        self.models = models
        prepare(
            settings,
            load_pack(settings.policy_dir),
            load_contracts(),
            load_catalogue(),
            [MONTH],
            "2020-05-01T00:00:00Z",
        )
        self.settings = settings
        self.con = self.reopened()
        for extract in SUBMISSION:
            self.con.execute(
                f"create table raw.t as from raw.{extract}; drop view raw.{extract}; alter table raw.t rename to {extract}"
            )

    def reopened(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(str(self.settings.candidate))

    def received(
        self, extract: str, *rows: dict[str, Any], month: str = MONTH, village: str | None = None, number: int = 0
    ) -> None:
        """A submission of an extract has come for every village (or one), with these rows."""
        number = number or SUBMISSION[extract]
        self.con.execute("insert into build.in_effect values (?, ?, ?, null)", [extract, month, number])
        self.con.execute(
            "insert into build.coverage by name select $1 as extract, $2 as period, code as village_code, $2 as source_period,"
            " $3 as submission from policy.area where is_lowest and code = coalesce($4, code)",
            [extract, month, number, village],
        )
        for index, row in enumerate(rows):
            given = {
                "_source": number * 10**11 + 10**8 + index + 2,
                "_submission": number,
                "_period": month,
                "_quarantined": [],
            } | row
            names = ", ".join(f"${n} as {n}" for n in given)
            self.con.execute(f"insert into raw.{extract} by name select {names}", given)

    def rows(self, query: str, given: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The answer to a query over models of the schema ``main``, made anew with what they are made from."""
        run_compiled(self.con, self.models, re.findall(r"\bmain\.(\w+)", query))
        return self.con.execute(query, given).fetchall()


@pytest.fixture
def county(models: list[Model], tmp_path: Path) -> Iterator[County]:
    settings = Settings(home=tmp_path / "home")
    Ledger(settings.ledger)
    made = County(settings, models)
    yield made
    made.con.close()


def household(hh_id: str, **given: Any) -> dict[str, Any]:
    base = {"hh_id": hh_id, "village_code": HERE, "hh_type": "registered", "poverty_status": "exited", "hh_size": 1}
    return base | given


def person(hh_id: str, person_id: str, **given: Any) -> dict[str, Any]:
    return {"hh_id": hh_id, "person_id": person_id, "relation": "head", "employment_status": "farming"} | given
