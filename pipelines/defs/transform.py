"""The transform job: bind what was received, run dbt once, collect what dbt tests and expectations found. No SQL of figures here.

Dagster reads the annotations of assets, so they are not postponed here.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, build_dbt_asset_specs

from expectations import Check, Outcome, checks_of
from expectations.child import NothingAsked
from pipelines.defs.intake import department_key
from pipelines.defs.room import Room
from pipelines.indicators import DBT_PROJECT
from pipelines.quality import RanTest, accepted_files, export_figures, findings_of_tests, keep
from pipelines.warehouse import prepare, run_dbt
from pipelines.warehouse.dbt import target_path

BINDING = dg.AssetKey("binding")
FIGURES_TABLE = dg.AssetKey("fct_figures")


class DbtFailed(RuntimeError):
    """dbt could not parse, or a model or test did not run; permanent until the project or the candidate is mended."""


class Translator(DagsterDbtTranslator):
    """Sources under ``raw`` are assets of their own; what else is laid in before dbt runs is one asset, the binding."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """The default key, except for sources that hold no rows of a department."""
        if dbt_resource_props["resource_type"] == "source" and dbt_resource_props["source_name"] != "raw":
            return BINDING
        return super().get_asset_key(dbt_resource_props)

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """One group for all models."""
        return "dbt"

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The model's own words, without its SQL."""
        return str(dbt_resource_props["description"])


def raw_key(extract: str) -> dg.AssetKey:
    """The asset of an extract's accepted rows as a build sees them."""
    return dg.AssetKey(["raw", extract])


def dbt_results(room: Room, *command: str) -> Any:
    """What one dbt invocation in this process gave. Raises DbtFailed with dbt's words when a node could not do its work."""
    done = run_dbt(room.settings, *command)
    if done.exception:
        raise DbtFailed(str(done.exception)) from done.exception
    undone = [r for r in getattr(done.result, "results", []) if r.status in ("error", "skipped")]
    if undone:
        raise DbtFailed("\n".join(f"{r.node.name}: {r.status}: {r.message}" for r in undone))
    return done.result


def manifest(room: Room) -> dict[str, Any]:
    """dbt's manifest of the project as it is now: parsed anew when a file of the project is younger.

    Kept apart from dbt's own ``manifest.json``, which holds the SQL that the last build compiled and that sealing needs.
    """
    path = target_path(room.settings) / "parsed.json"
    files = [f for f in DBT_PROJECT.rglob("*") if f.is_file()]
    if not path.exists() or path.stat().st_mtime < max(f.stat().st_mtime for f in files):
        path.parent.mkdir(parents=True, exist_ok=True)
        with room.lap("dbt"):
            parsed = dbt_results(room, "parse", "--no-write-json").writable_manifest()
            parsed.write(str(path))
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def transform_assets(room: Room) -> tuple[list[dg.AssetsDefinition], dg.AssetChecksDefinition]:
    """The binding and the dbt models with their tests; the expectations."""
    return [_binding(room), _dbt(room, manifest(room))], _expectations(room)


def _binding(room: Room) -> dg.AssetsDefinition:
    specs = [dg.AssetSpec(BINDING, group_name="raw", description="本次计算采用的上报件、政策参数和指标定义")]
    for extract, contract in room.contracts.items():
        specs.append(
            dg.AssetSpec(
                raw_key(extract),
                group_name="raw",
                description=f"{contract.title.zh}：本次计算采用的各行",
                deps=[department_key(contract.department)],
            )
        )

    @dg.multi_asset(name="bind", specs=specs)
    def bind(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        import duckdb

        months, as_of = room.asked(context.run.tags)
        room.progress("汇集各部门数据", 0.3)
        with room.lap("dbt"):
            bound = prepare(room.settings, room.pack, room.contracts, room.catalogue, months, as_of)
            with duckdb.connect(str(room.settings.candidate), read_only=True) as con:
                files = accepted_files(room.settings, con)
        room.expectations().ask_rows(files, room.checked / "files.json")
        yield dg.MaterializeResult(
            asset_key=BINDING,
            metadata={"as_of": as_of, "months": f"{months[0]}:{months[-1]}", "submissions": len(bound)},
        )
        for extract in room.contracts:
            yield dg.MaterializeResult(
                asset_key=raw_key(extract), metadata={"submissions": sum(b.extract == extract for b in bound)}
            )

    return bind


def _dbt(room: Room, project: dict[str, Any]) -> dg.AssetsDefinition:
    translator = Translator()
    specs = {
        spec.metadata["dagster_dbt/unique_id"]: spec
        for spec in build_dbt_asset_specs(manifest=project, dagster_dbt_translator=translator)
    }
    tests = {
        unique_id: check
        for unique_id, node in project["nodes"].items()
        if node["resource_type"] == "test"
        and (model := specs.get(node.get("attached_node")))
        and (check := translator.get_asset_check_spec(model, project, unique_id, None))
    }

    @dg.multi_asset(name="dbt", specs=list(specs.values()), check_specs=list(tests.values()), can_subset=False)
    def dbt(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        import duckdb

        room.progress("计算统计数", 0.4)
        with room.lap("dbt"):
            results = dbt_results(room).results
        ran = []
        for result in results:
            unique_id = result.node.unique_id
            if unique_id in specs:
                seconds = {"seconds": round(result.execution_time, 3)}
                yield dg.MaterializeResult(asset_key=specs[unique_id].key, metadata=seconds)
            elif result.node.resource_type == "test":
                test = RanTest(
                    result.node.name, result.failures or 0, result.node.compiled_code, dict(result.node.config.meta)
                )
                ran.append(test)
                if unique_id in tests:
                    yield _test_result(tests[unique_id], test)
        with room.lap("checks"), duckdb.connect(str(room.settings.candidate)) as con:
            keep(room.checked / "dbt.json", findings_of_tests(con, room.catalogue, ran))
            export_figures(con, room.catalogue, room.pack, room.checked / "figures.parquet")
        room.expectations().ask_figures(room.checked / "figures.parquet")

    return dbt


def _test_result(spec: dg.AssetCheckSpec, test: RanTest) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=not test.failures,
        severity=_severity(test.meta.get("severity", "error")),
        metadata={"offenders": test.failures},
    )


def _severity(severity: str) -> dg.AssetCheckSeverity:
    return dg.AssetCheckSeverity.ERROR if severity == "error" else dg.AssetCheckSeverity.WARN


def _expectations(room: Room) -> dg.AssetChecksDefinition:
    """Collected after dbt: the validation process has worked beside it. A check that had nothing to judge gives no result."""
    places = {extract: raw_key(extract) for extract in room.contracts} | {"figures": FIGURES_TABLE}

    def spec(place: dg.AssetKey, check: Check) -> dg.AssetCheckSpec:
        after = [] if place == FIGURES_TABLE else [FIGURES_TABLE]
        return dg.AssetCheckSpec(check.name, asset=place, description=check.remedy, additional_deps=after)

    specs = [spec(place, check) for extract, place in places.items() for check in checks_of(extract)]

    @dg.multi_asset_check(name="expectations", specs=specs, can_subset=True)
    def expectations(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        room.progress("核对数据", 0.7)
        with room.lap("checks"):
            try:
                reports = [room.expectations().collect() for _ in range(2)]
            except NothingAsked as error:
                said = "核对要用同一次计算的数据，不能单独运行；请运行 transform 任务"
                raise dg.Failure(said, allow_retries=False) from error
        keep(room.checked / "expectations.json", [f for report in reports for f in report.findings])
        for outcome in (o for report in reports for o in report.outcomes):
            yield _outcome_result(places[outcome.extract], outcome)

    return expectations


def _outcome_result(place: dg.AssetKey, outcome: Outcome) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=place,
        check_name=outcome.check,
        passed=not outcome.broken,
        severity=_severity(outcome.severity),
        metadata={"judged": outcome.judged, "offenders": outcome.broken},
    )
