"""Commands that make and show everything: simulate, refresh, demo, serve."""

from __future__ import annotations

from typing import Any

import click

from pipelines.cli.releases import print_changes
from pipelines.cli.shared import (
    Look,
    Refused,
    Span,
    as_json,
    now,
    open_pack,
    print_json,
    print_table,
    progress_bar,
)
from pipelines.settings import Settings

STEPS = {"imports": "启动", "intake": "接收", "dbt": "计算", "checks": "检查", "seal": "封存", "dagster": "调度"}


def _refresh(settings: Settings, months: list[str], as_of: str, quiet: bool = False) -> Any:
    from pipelines.defs.refresh import refresh as run

    if quiet:
        return run(settings, months, as_of, lambda what, share: None)
    bar, move = progress_bar()
    with bar:
        return run(settings, months, as_of, move)


@click.command()
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False),
    help="Folder to write the departments' files into, a sub-folder per month; truth/ and corrections/ stand beside the months,"
    " so name a folder of its own rather than landing.",
)
@click.option("--months", "span", required=True, type=Span(), metavar="A:B")
@click.option("--households", type=click.IntRange(min=1), help="Size of the county; Menghai's own by default.")
@click.option("--seed", type=int, default=20171231, show_default=True)
def simulate(out: str, span: list[str], households: int | None, seed: int) -> None:
    """Write the sample county's department files, corrections apart, and the truth behind them."""
    from pathlib import Path

    from pipelines.intake.contract import load_contracts
    from pipelines.simulate import simulate as write

    settings = Settings.load()
    made = write(Path(out), open_pack(settings), load_contracts(), span, households=households, seed=seed)
    click.echo(f"{len(made.files)} 个文件，{len(made.corrections)} 个更正件：{out}")


@click.command()
@click.option("--month", "span", required=True, type=Span(), metavar="YYYY-MM[:YYYY-MM]")
@click.option("--landing", type=click.Path(exists=True, file_okay=False), help="Folder with a sub-folder per month.")
@click.option("--as-of", "as_of", help="Build with what had been received by this time (ISO, UTC); now by default.")
@as_json
def refresh(span: list[str], landing: str | None, as_of: str | None, as_json: bool) -> None:
    """Take in what landed, compute, check, and seal a release for each month."""
    from dataclasses import replace
    from pathlib import Path

    settings = Settings.load()
    if landing:
        settings = replace(settings, landing_dir=Path(landing).resolve())
    done = _refresh(settings, span, as_of or now(), quiet=as_json)
    if as_json:
        print_json(done.as_record())
    else:
        print_table(
            ["发布版", "结果", "发布", "暂缓", "变动"],
            [
                (
                    s.release.name,
                    "新发布" if s.is_new else "无变动",
                    s.figures - s.withheld,
                    s.withheld,
                    s.changed or "",
                )
                for s in done.sealed
            ],
        )
        counts = done.findings
        click.echo(
            f"质量问题：错误 {counts.get('error', 0)}，提醒 {counts.get('warning', 0)}，备注 {counts.get('note', 0)}"
        )
        click.echo("用时：" + "，".join(f"{STEPS.get(k, k)} {seconds:.1f} 秒" for k, seconds in done.timings.items()))
    if not any(s.figures > s.withheld for s in done.sealed):
        raise Refused(f"没有可发布的统计数。看 fangpin status --month {span[0]} 与 fangpin gate --month {span[0]}")


@click.command(cls=Look)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8050, show_default=True, type=int)
def serve(host: str, port: int) -> None:
    """The dashboards."""
    from dashboards.app import serve as run

    run(Settings.load(), host, port)


@click.command()
@click.option("--households", type=click.IntRange(min=1), help="A smaller county, to look around quickly.")
def demo(households: int | None) -> None:
    """The sample county over three years, a correction that arrives late, and where to look."""
    from pipelines.demo import DemoError, run_demo

    settings = Settings.load()
    bar, move = progress_bar()
    try:
        with bar:
            done = run_demo(settings, households, move)
    except DemoError as error:
        raise click.UsageError(str(error)) from None
    print_table(
        ["指标", "区域", "月份", "数值", "单位", "目标或文件所载", "编号（fangpin trace …）"],
        done.headline,
        title="主要统计数",
    )
    release = done.corrected
    if release and release.changes():
        print_changes(release, [c for c in release.changes() if c["area"] == release.definitions["pack"]["area"]])
    click.echo(f"共 {done.releases} 个发布版，{done.seconds:.0f} 秒。接着看：")
    for line in done.next_steps:
        click.echo(f"  {line}")
