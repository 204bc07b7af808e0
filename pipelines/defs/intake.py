"""The intake job: an asset per department, by month. How files are read and judged is in pipelines/intake.

Dagster reads the annotations of assets, so they are not postponed here.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipelines.defs.room import Room
from pipelines.intake.ledger import UNRECOGNISED, Ledger, Submission
from pipelines.intake.receive import take_in

CHECK = "what_was_sent_is_accepted"


def department_key(department: str) -> dg.AssetKey:
    """The asset of a department's submissions."""
    return dg.AssetKey(["intake", department])


def departments(room: Room) -> dict[str, str]:
    """Departments that owe an extract → name, and the one that stands for files nobody's contract recognises.

    In the order of their ids, which is the one in which Dagster runs them.
    """
    owing = {contract.department for contract in room.contracts.values()}
    names = {d: room.pack.department_name(d) for d in owing} | {UNRECOGNISED: "无法识别的文件"}
    return dict(sorted(names.items()))


def intake_assets(room: Room) -> list[dg.AssetsDefinition]:
    """One asset per department; a run over many months is one step for each."""
    owing = departments(room)
    return [_asset(room, d, name, 0.3 * n / len(owing)) for n, (d, name) in enumerate(owing.items())]


def _asset(room: Room, department: str, name: str, behind: float) -> dg.AssetsDefinition:
    @dg.asset(
        key=department_key(department),
        group_name="intake",
        description=f"{name}的上报件：入库、核对、存档",
        partitions_def=room.partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
        check_specs=[dg.AssetCheckSpec(CHECK, asset=department_key(department), description="上报件及其各行均被接收")],
        kinds={"python", "parquet"},
    )
    def received(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        months = list(context.partition_keys)
        room.progress(f"接收{name}的上报件", behind)
        with room.lap("intake"):
            taken = take_in(room.settings, room.pack, room.contracts, months, {department})
            with Ledger(room.settings.ledger) as ledger:
                known = [s for m in months for s in ledger.submissions(period=m, department=department)]
        for month in {s.period for s in known}:
            context.add_asset_metadata(_facts([s for s in known if s.period == month]), partition_key=month)
        yield dg.MaterializeResult(asset_key=department_key(department), metadata={"new_submissions": len(taken)})
        yield _check(department, known)

    return received


def _facts(submissions: list[Submission]) -> dict[str, object]:
    return {
        "files": dg.MetadataValue.json([f"{s.number} {s.file}（{s.state}）" for s in submissions]),
        "rows_sheet": sum(s.rows_sheet for s in submissions),
        "rows_accepted": sum(s.rows_accepted for s in submissions),
        "rows_quarantined": sum(s.rows_quarantined for s in submissions),
        "rows_skipped": sum(s.rows_skipped for s in submissions),
    }


def _check(department: str, submissions: list[Submission]) -> dg.AssetCheckResult:
    refused = [f"{s.period} {s.file}：{s.reason}" for s in submissions if s.state == "refused"]
    quarantined = sum(s.rows_quarantined for s in submissions)
    return dg.AssetCheckResult(
        asset_key=department_key(department),
        check_name=CHECK,
        passed=not refused and not quarantined,
        severity=dg.AssetCheckSeverity.ERROR if refused else dg.AssetCheckSeverity.WARN,
        metadata={"refused": dg.MetadataValue.json(refused), "rows_quarantined": quarantined},
    )
