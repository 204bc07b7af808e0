"""Dagster's entry: everything that one installation runs, built by ``build_defs``. Nothing is read when this is imported."""

from __future__ import annotations

import warnings

import dagster as dg

from pipelines.defs.automation import chain_sensors, due_schedule, landing_sensor
from pipelines.defs.intake import intake_assets
from pipelines.defs.publish import publish_assets
from pipelines.defs.room import Room
from pipelines.defs.transform import transform_assets
from pipelines.release import Sealed
from pipelines.settings import Settings


def build_defs(room: Room | None = None, sealed: list[Sealed] | None = None) -> dg.Definitions:
    """Assets, checks, the three jobs and what starts them, for an installation (the environment's by default).

    ``sealed`` collects what a publish run of this process seals. Raises PolicyError, ContractError, IndicatorError or DbtFailed
    when the data that define the system are wrong.
    """
    room = room or Room(Settings.load())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)  # one run for many months (BackfillPolicy.single_run)
        taken, published = intake_assets(room), publish_assets(room, sealed)
        transformed, judged = transform_assets(room)
    intake = dg.define_asset_job("intake", dg.AssetSelection.assets(*taken))
    steps = dg.AssetSelection.assets(*transformed) | dg.AssetSelection.checks(judged)
    transform = dg.define_asset_job("transform", steps)
    publish = dg.define_asset_job("publish", dg.AssetSelection.assets(*published))
    return dg.Definitions(
        assets=[*taken, *transformed, *published],
        asset_checks=[judged],
        jobs=[intake, transform, publish],
        schedules=[due_schedule(room, intake)],
        executor=dg.in_process_executor,  # steps share the room; also when somebody runs an asset or a check by hand
        sensors=[landing_sensor(room, intake), *chain_sensors(room, intake, transform, publish)],
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What ``dagster dev`` loads."""
    return build_defs()
