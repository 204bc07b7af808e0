"""How dbt is called on the candidate, and how its compiled models run without it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.indicators import DBT_PROJECT
from pipelines.settings import Settings


@dataclass(frozen=True)
class Model:
    """A compiled dbt model: its SQL names its inputs as ``"warehouse"."schema"."table"``."""

    name: str
    materialized: str
    sql: str
    needs: tuple[str, ...]


def target_path(settings: Settings) -> Path:
    """Where dbt keeps what it parsed and compiled; kept between runs, because parsing costs seconds."""
    return settings.build / "dbt"


def run_dbt(settings: Settings, *command: str) -> Any:
    """Run dbt on the candidate in this process (``build`` without unit tests by default); dbt's own result object.

    Closes the candidate afterwards: dbt would keep it open, and the next build could not replace it.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    os.environ["FANGPIN_CANDIDATE"] = str(settings.candidate)
    folders = {"--project-dir": DBT_PROJECT, "--profiles-dir": DBT_PROJECT}
    folders |= {"--target-path": target_path(settings), "--log-path": target_path(settings)}
    try:
        return dbtRunner().invoke(
            [
                *(command or ("build", "--exclude-resource-type", "unit_test")),
                *(str(part) for pair in folders.items() for part in pair),
                *("--log-level-file", "none", "--quiet", "--no-use-colors", "--no-version-check"),
            ]
        )
    finally:
        DuckDBConnectionManager.close_all_connections()


def compiled_models(settings: Settings) -> list[Model]:
    """The models of the last dbt run in an order in which each comes after what it needs (ephemeral ones are inlined already)."""
    manifest = json.loads((target_path(settings) / "manifest.json").read_text(encoding="utf-8"))
    nodes = {k: n for k, n in manifest["nodes"].items() if n["resource_type"] == "model"}

    def parents(key: str) -> list[str]:
        found: list[str] = []
        for parent in nodes[key]["depends_on"]["nodes"]:
            if parent in nodes:
                ephemeral = nodes[parent]["config"]["materialized"] == "ephemeral"
                found += parents(parent) if ephemeral else [nodes[parent]["name"]]
        return sorted(set(found))

    waiting = {
        n["name"]: Model(n["name"], n["config"]["materialized"], n["compiled_code"], tuple(parents(k)))
        for k, n in nodes.items()
        if n["config"]["materialized"] != "ephemeral"
    }
    ordered: list[Model] = []
    while waiting:
        ready = sorted(name for name, model in waiting.items() if not set(model.needs) & set(waiting))
        ordered += [waiting.pop(name) for name in ready]
    return ordered


def run_compiled(con: duckdb.DuckDBPyConnection, models: list[Model], asked: Iterable[str] = ()) -> None:
    """Make the models' tables and views on a connection whose catalogue is named ``warehouse``.

    ``asked``: names of models, where only these and what they are made from are wanted.
    """
    wanted = set(asked) or {model.name for model in models}
    for model in reversed(models):
        if model.name in wanted:
            wanted.update(model.needs)
    con.execute("create schema if not exists warehouse.main")
    for model in models:
        if model.name not in wanted:
            continue
        kind = "view" if model.materialized == "view" else "table"
        con.execute(f'create or replace {kind} warehouse.main."{model.name}" as {model.sql}')


def swap(settings: Settings) -> None:
    """Put the finished candidate in the place of the warehouse, at once, so that nobody ever sees half a build."""
    os.replace(settings.candidate, settings.warehouse)
