"""dbt's own unit tests, run on an empty candidate; and the exact arithmetic that they cannot reach."""

from __future__ import annotations

import duckdb
import pytest
import yaml

from pipelines.indicators import DBT_PROJECT, load_catalogue
from pipelines.intake.contract import load_contracts
from pipelines.intake.ledger import Ledger
from pipelines.policy import load_pack
from pipelines.settings import Settings
from pipelines.warehouse import prepare, run_dbt


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("empty"))
    Ledger(settings.ledger)
    prepare(
        settings,
        load_pack(settings.policy_dir),
        load_contracts(),
        load_catalogue(),
        ["2020-03"],
        "2020-05-01T00:00:00Z",
    )
    return settings


def test_unit_tests_of_the_models_pass(empty: Settings) -> None:
    run_dbt(empty, "run")
    done = run_dbt(empty, "test", "--select", "test_type:unit")
    failed = [(r.node.name, r.message) for r in done.result or [] if r.status != "pass"]
    assert not failed and done.success, failed or done.exception
    defined = yaml.safe_load((DBT_PROJECT / "models/intermediate/unit_tests.yml").read_text(encoding="utf-8"))
    assert len(done.result) == len(defined["unit_tests"])


@pytest.mark.parametrize(
    ("numerator", "denominator", "percent"),
    [
        (157, 796, "19.72"),
        (25, 2505, "1.00"),
        (1, 3, "33.33"),
        (2, 3, "66.67"),
        (1, 800, "0.13"),
        (1, 200_000, "0.00"),
        (1, 20_000, "0.01"),
    ],
)
def test_a_share_is_rounded_half_up_once(empty: Settings, numerator: int, denominator: int, percent: str) -> None:
    """1/800 is 0.125 % exactly: half goes up, whatever a binary fraction would say."""
    compiled = next((empty.build / "dbt" / "compiled").rglob("fct_figures.sql")).read_text(encoding="utf-8")
    start = compiled.index("case when m.numerator > 0 then")
    expression = compiled[start : compiled.index("end", start) + 3]
    with duckdb.connect() as con:
        row = con.execute(
            f"select {expression} from (select cast(? as decimal(38, 4)) as numerator) as n,"
            " (select cast(? as decimal(38, 4)) as numerator) as m, (select 10000 as scale_units, 100 as rest_units) as d",
            [numerator, denominator],
        ).fetchone()
    assert row and f"{row[0]:.2f}" == percent


def test_sources_are_the_contracts() -> None:
    sources = yaml.safe_load((DBT_PROJECT / "models/staging/sources.yml").read_text(encoding="utf-8"))
    raw = next(s for s in sources["sources"] if s["name"] == "raw")
    assert [t["name"] for t in raw["tables"]] == sorted(load_contracts()), (
        "list every contract under raw in staging/sources.yml"
    )
    staged = {path.stem for path in (DBT_PROJECT / "models/staging").glob("*.sql")}
    assert staged == {f"stg_{extract}" for extract in load_contracts()}
