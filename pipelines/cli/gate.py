"""The command gate: what the checks found, what was decided, and waivers."""

from __future__ import annotations

import click

from pipelines.cli.shared import (
    SEVERITIES,
    OneMonth,
    Room,
    as_json,
    now,
    open_month,
    print_json,
    print_table,
    release_option,
)
from pipelines.settings import Settings


@click.group(cls=Room, invoke_without_command=True)
@click.option("--month", type=OneMonth(), metavar="YYYY-MM")
@release_option
@as_json
@click.pass_context
def gate(ctx: click.Context, month: str | None, revision: str | None, as_json: bool) -> None:
    """What the checks found and what the gate decided for a month."""
    ctx.obj = month
    if ctx.invoked_subcommand:
        return
    if not month:
        raise click.UsageError("Missing option '--month'.")
    release = open_month(Settings.load(), month, revision)
    findings = release.findings()
    held = [f for f in release.figures() if f["status"] == "withheld"]
    noted = [f for f in release.figures() if f["status"] == "published" and f["note"]]
    if as_json:
        return print_json({
            "release": release.name, "published": release.manifest["figures"].get("published", 0), "withheld": len(held),
            "findings": findings, "decisions": [*held, *noted],
        })  # fmt: skip
    click.echo(
        f"{release.name}：发布 {release.manifest['figures'].get('published', 0)}，暂缓 {len(held)}，附说明发布 {len(noted)}"
    )
    names = {code: title["zh"] for code, title in release.definitions["departments"].items()}
    rows = []
    for f in findings:
        place = (f["file"], f["sheet"], str(f["row"] or ""), f["column"], f["found"])
        rows.append(
            (
                f["id"],
                SEVERITIES[f["severity"]],
                f["message"],
                names.get(f["department"], f["department"]),
                *place,
                f["remedy"],
            )
        )
    print_table(["编号", "级别", "问题", "部门", "文件", "工作表", "行", "列", "内容", "如何处理"], rows)
    reasons: dict[str, int] = {}
    for figure in held:
        reasons[figure["reason"]] = reasons.get(figure["reason"], 0) + 1
    if reasons:
        print_table(["暂缓原因", "统计数"], sorted(reasons.items(), key=lambda item: -item[1]))


@gate.command("waive")
@click.option("--finding", required=True, help="The finding's number, as fangpin gate shows it.")
@click.option("--by", "who", required=True, help="Who takes the responsibility.")
@click.option("--reason", required=True)
@click.pass_obj
def waive_finding(month: str | None, finding: str, who: str, reason: str) -> None:
    """Let figures be published in spite of a finding; the next refresh publishes them with a note."""
    from pipelines.gate import waive
    from pipelines.intake.ledger import Ledger

    if not month:
        raise click.UsageError("Missing option '--month'.")
    settings = Settings.load()
    found = [f for f in open_month(settings, month, None).findings() if f["id"] == finding]
    if not found:
        raise click.BadParameter(f"no finding {finding!r} in {month}", param_hint="--finding")
    waive(Ledger(settings.ledger), found[0]["rule"], found[0]["extract"], month, reason, who, now())
    click.echo(f"已记录：{found[0]['message']}（{who}：{reason}）。下次 fangpin refresh --month {month} 起附说明发布。")
