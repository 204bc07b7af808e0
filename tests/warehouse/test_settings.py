"""``setting.<name>`` in an expression: the value that the policy pack sets that month, unknown where it sets none."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from pipelines.gate import decide
from pipelines.indicators import DBT_PROJECT, Catalogue, load_catalogue
from pipelines.intake.contract import load_contracts
from pipelines.intake.ledger import Ledger
from pipelines.policy import Pack, load_pack
from pipelines.policy.pack import SettingValue
from pipelines.release import open_release
from pipelines.release.seal import seal
from pipelines.settings import Settings
from pipelines.trace import trace
from pipelines.warehouse import compiled_models, prepare, run_compiled, run_dbt

MONTH, AS_OF = "2020-03", "2020-05-01T00:00:00Z"
VILLAGE = "532822101001"
BELOW = "below_the_line"
ENTRY = {
    "code": BELOW,
    "title": {"zh": "低于贫困线的户", "en": "Households below the line"},
    "unit": {"zh": "户", "en": "households"},
    "numerator": "1",
    "population": "hh_register__net_income_pc_yuan < setting.poverty_line",
    "clauses": ["MH18-104"],
}
MEASURE = {
    "code": "over_the_line",
    "title": {"zh": "超出贫困线的收入", "en": "Income over the line"},
    "unit": {"zh": "元", "en": "yuan"},
    "window": "month",
    "value": "hh_register__net_income_pc_yuan - setting.poverty_line",
}


@dataclass(frozen=True)
class Trial:
    settings: Settings
    catalogue: Catalogue
    pack: Pack

    def with_line(self, *values: tuple[str, str, str | None]) -> Pack:
        """The pack with these values of the poverty line, each from and to a day."""
        dated = tuple(
            SettingValue(
                value=Decimal(value),
                clause="MH18-104",
                effective_from=date.fromisoformat(first),
                effective_to=date.fromisoformat(last) if last else None,
            )
            for value, first, last in values
        )
        line = self.pack.settings["poverty_line"].model_copy(update={"values": dated})
        return self.pack.model_copy(update={"settings": self.pack.settings | {"poverty_line": line}})

    def built(self, pack: Pack, incomes: dict[str, str]) -> duckdb.DuckDBPyConnection:
        """A candidate in which households with these incomes were reported."""
        prepare(self.settings, pack, load_contracts(), self.catalogue, [MONTH], AS_OF)
        con = duckdb.connect(str(self.settings.candidate))
        con.execute("create table raw.t as from raw.hh_register; drop view raw.hh_register")
        con.execute("alter table raw.t rename to hh_register")
        con.execute("insert into build.in_effect values ('hh_register', ?, 1, null)", [MONTH])
        con.execute(
            "insert into build.coverage by name select 'hh_register' as extract, $1 as period, code as village_code,"
            " $1 as source_period, 1 as submission from policy.area where is_lowest",
            [MONTH],
        )
        for row, (hh_id, income) in enumerate(incomes.items(), start=2):
            con.execute(
                "insert into raw.hh_register by name select $1 as hh_id, $2 as village_code, 'registered' as hh_type,"
                " cast($3 as decimal(18, 2)) as net_income_pc_yuan, $4 as _source, 1 as _submission, $5 as _period",
                [hh_id, VILLAGE, income, 10**11 + 10**8 + row, MONTH],
            )
        run_compiled(con, compiled_models(self.settings))
        return con


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """The project with an indicator and a measure that name a setting, compiled."""
    home = tmp_path_factory.mktemp("settings")
    project = home / "dbt_project"
    shutil.copytree(DBT_PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    _add(project / "models/contributions/poverty.yml", "indicators", ENTRY)
    _add(project / "models/measures/household_measures.yml", "measures", MEASURE)
    settings = Settings(home=home)
    Ledger(settings.ledger)
    with pytest.MonkeyPatch.context() as patch:
        for module in ("pipelines.indicators", "pipelines.warehouse.dbt"):
            patch.setattr(f"{module}.DBT_PROJECT", project)
        catalogue = load_catalogue.__wrapped__()
        pack = load_pack(settings.policy_dir)
        prepare(settings, pack, load_contracts(), catalogue, [MONTH], AS_OF)
        assert run_dbt(settings, "run").success
    return Trial(settings, catalogue, pack)


def _add(path: Path, kind: str, entry: dict[str, Any]) -> None:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["models"][0]["config"]["meta"][kind].append(entry)
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


INCOMES = {"h1": "3999.99", "h2": "4000.00", "h3": "4000.01"}
COUNTED = f"select subject, numerator from main.poverty where indicator = '{BELOW}' order by subject"
MEASURED = "select subject, value from main.household_measures where measure = 'over_the_line' order by subject"


def test_an_expression_uses_the_value_in_force_that_month(trial: Trial) -> None:
    pack = trial.with_line(("3000", "2018-01-01", "2020-02-29"), ("4000", "2020-03-01", None))
    with trial.built(pack, INCOMES) as con:
        assert con.execute(COUNTED).fetchall() == [("h1", 1)]
        assert con.execute(MEASURED).fetchall() == [("h1", Decimal("-0.01")), ("h2", 0), ("h3", Decimal("0.01"))]
        set_to = dict(con.execute("select period, poverty_line from build.setting").fetchall())
    assert (set_to["2020-02"], set_to["2020-03"]) == (3000, 4000)
    assert min(set_to) == min(pack.plan.from_, MONTH), "rows of earlier months are judged by what was set then"


def test_an_unset_setting_leaves_everybody_unknown_and_the_figure_withheld(trial: Trial) -> None:
    with trial.built(trial.with_line(("4000", "2020-04-01", None)), INCOMES) as con:
        assert con.execute(COUNTED).fetchall() == [("h1", None), ("h2", None), ("h3", None)]
        assert con.execute(MEASURED).fetchall() == [("h1", None), ("h2", None), ("h3", None)]
        decide(con, trial.pack, [], [], load_contracts())
        said = con.execute(
            f"select distinct decision, reason from publish.decision where indicator = '{BELOW}'"
        ).fetchall()
        other = con.execute(
            "select decision from publish.decision where indicator = 'registered_households'"
        ).fetchone()
    assert said == [("withhold", "没有设定待定参数：poverty_line（国家贫困线（每人每年））")]
    assert other == ("publish",)


def test_a_release_holds_the_setting_with_its_clause_and_a_trace_names_it(trial: Trial) -> None:
    pack = trial.with_line(("3000", "2018-01-01", "2020-02-29"), ("4000", "2020-03-01", None))
    with trial.built(pack, INCOMES) as con:
        decide(con, pack, [], [], load_contracts())
        seal(trial.settings, pack, trial.catalogue, con, [MONTH], AS_OF)
    release = open_release(trial.settings, MONTH)
    with release.tables("poverty") as sealed:
        assert sealed.execute(COUNTED).fetchall() == [("h1", 1)]
        months = [m for (m,) in sealed.execute("select period from build.setting order by 1").fetchall()]
    assert (months[0], months[-1]) == (pack.plan.from_, MONTH)
    [named] = trace(trial.settings, f"{release.name}/{BELOW}/532822", limit=0)["settings"]
    assert (named["setting"], named["value"], named["unit"]) == ("poverty_line", 4000, "yuan")
    assert [(c["id"], c["doc_no"]) for c in named["clauses"]] == [("MH18-104", "海发〔2018〕18号")]
    manifest = json.loads((release.path / "definitions.json").read_text(encoding="utf-8"))
    assert manifest["measures"]["over_the_line"]["settings"][0]["value"] == 4000
