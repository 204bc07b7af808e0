"""The publish job, by month: findings gathered, figures decided, releases sealed. Decisions and sealing are in gate/ and release/.

Dagster reads the annotations of assets, so they are not postponed here.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipelines.defs.room import Room
from pipelines.defs.transform import FIGURES_TABLE
from pipelines.findings import Finding
from pipelines.gate import decide
from pipelines.intake.ledger import Ledger
from pipelines.quality import intake_findings, keep, kept
from pipelines.release import Sealed, seal
from pipelines.warehouse import swap

FINDINGS, FIGURES, RELEASE = dg.AssetKey("findings"), dg.AssetKey("figures"), dg.AssetKey("release")
NOTHING_WITHHELD = "no_figure_is_withheld"


def publish_assets(room: Room, sealed: list[Sealed] | None = None) -> list[dg.AssetsDefinition]:
    """``findings``, ``figures``, ``release``; what was sealed is appended to ``sealed``."""
    into = [] if sealed is None else sealed

    @dg.asset(
        key=FINDINGS,
        group_name="publish",
        description="本次计算的全部质量问题：上报件、数据核对、统计核对",
        deps=[FIGURES_TABLE],
        partitions_def=room.partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def findings(context: dg.AssetExecutionContext) -> None:
        room.progress("汇总质量问题", 0.75)
        with room.lap("checks"):
            found = _gather(room)
            keep(room.checked / "findings.json", found)
        for month in context.partition_keys:
            counts = Counter[str](f.severity for f in found if f.period in (month, None))
            context.add_asset_metadata({s: counts[s] for s in ("error", "warning", "note")}, partition_key=month)

    @dg.asset(
        key=FIGURES,
        group_name="publish",
        description="统计数及发布决定：发布或暂缓，等哪个部门的哪份数据",
        deps=[FIGURES_TABLE, FINDINGS],
        partitions_def=room.partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
        check_specs=[dg.AssetCheckSpec(NOTHING_WITHHELD, asset=FIGURES, description="没有暂缓发布的统计数")],
    )
    def figures(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        import duckdb

        room.progress("作出发布决定", 0.8)
        with (
            room.lap("checks"),
            duckdb.connect(str(room.settings.candidate)) as con,
            Ledger(room.settings.ledger) as ledger,
        ):
            decide(
                con,
                room.pack,
                kept(room.checked / "findings.json"),
                ledger.waivers(),
                room.contracts,
            )
            counted = con.execute(
                "select period, count(*) filter (where decision = 'publish'), count(*) filter (where decision = 'withhold')"
                " from publish.decision group by period"
            ).fetchall()
        for month, published, withheld in counted:
            if month in context.partition_keys:
                context.add_asset_metadata({"published": published, "withheld": withheld}, partition_key=month)
        yield dg.MaterializeResult(asset_key=FIGURES)
        held = sum(withheld for *_, withheld in counted)
        yield dg.AssetCheckResult(
            asset_key=FIGURES,
            check_name=NOTHING_WITHHELD,
            passed=not held,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"withheld": held},
        )

    @dg.asset(
        key=RELEASE,
        group_name="publish",
        description="封存的发布版：统计数、依据、清单、质量问题",
        deps=[FIGURES],
        partitions_def=room.partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def release(context: dg.AssetExecutionContext) -> None:
        import duckdb

        room.progress("封存发布版", 0.85)
        with room.lap("seal"):
            with duckdb.connect(str(room.settings.candidate)) as con:
                as_of = con.execute("select as_of from build.run").fetchall()[0][0]
                done = seal(room.settings, room.pack, room.catalogue, con, context.partition_keys, as_of)
            swap(room.settings)
        into.extend(done)
        for one in done:
            context.add_asset_metadata(
                {"release": one.release.name, "new": one.is_new, "changed_figures": one.changed},
                partition_key=one.release.period,
            )

    return [findings, figures, release]


def _gather(room: Room) -> list[Finding]:
    import duckdb

    with duckdb.connect(str(room.settings.candidate), read_only=True) as con:
        received = intake_findings(room.settings, con)
    return [*received, *kept(room.checked / "expectations.json"), *kept(room.checked / "dbt.json")]
