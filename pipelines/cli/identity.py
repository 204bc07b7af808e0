"""The command identity: the lists about who is who, proposals for rows without a known id, and people's verdicts."""

from __future__ import annotations

from typing import Any

import click

from pipelines.cli.shared import (
    Look,
    OneMonth,
    Refused,
    Room,
    as_json,
    month,
    now,
    open_month,
    print_json,
    print_table,
    release_option,
)
from pipelines.settings import Settings

STATES = {"proposed": "待确认", "accepted": "已确认", "rejected": "已否定"}
number = click.argument("proposal", type=click.IntRange(min=1))
by = click.option("--by", "who", required=True, help="Who takes the responsibility.")


@click.group(cls=Room, invoke_without_command=True)
@click.option("--month", type=OneMonth(), metavar="YYYY-MM")
@click.option(
    "--list", "name", metavar="LIST", help="One list row by row; without it, how long each is, and match rates."
)
@release_option
@as_json
@click.pass_context
def identity(ctx: click.Context, month: str | None, name: str | None, revision: str | None, as_json: bool) -> None:
    """Who is who in a month: match rates, people in two households, two names for an id, unknown ids, who changed household."""
    if ctx.invoked_subcommand:
        return
    if not month:
        raise click.UsageError("Missing option '--month'.")
    from pipelines.identity import LISTS, entries, overview

    if name and name not in LISTS:
        raise click.BadParameter(f"no list {name!r}; there are {', '.join(LISTS)}", param_hint="--list")
    release = open_month(Settings.load(), month, revision)
    if name:
        found = entries(release, name)
        if as_json:
            return print_json(found)
        print_table(
            ["人", "户", "另一户", "文件", "工作表", "行", "另见"],
            [
                (
                    e["person"],
                    e["household"],
                    e["other_household"],
                    e["file"],
                    e["sheet"],
                    str(e["row"]),
                    _place(e["other"]),
                )
                for e in found
            ],
            title=f"{release.name} {LISTS[name]}：{len(found)} 条",
        )
        return
    facts = overview(release)
    if as_json:
        return print_json(facts)
    print_table(
        ["名单", "内容", "条数"], [(k["list"], k["title"], k["entries"]) for k in facts["lists"]], title=release.name
    )
    rows = [
        (
            release.breakdown_title("match_rate", "".join(f"{d}={v}" for d, v in f["breakdown"].items())),
            f["denominator"],
            f["numerator"],
            "暂缓" if f["status"] != "published" else "—" if f["value"] is None else f"{f['value']:.2f}",
            f["id"],
        )
        for f in facts["match_rates"]
    ]
    print_table(["上报数据", "应对应行", "对应上", "对应率%", "编号（fangpin trace …）"], rows)


@identity.command("propose")
@month
@as_json
def propose_month(month: str, as_json: bool) -> None:
    """Propose registered persons for rows whose id is missing or unknown. Nothing changes until somebody accepts one."""
    from pipelines.identity import proposals, propose
    from pipelines.intake.contract import load_contracts

    settings = Settings.load()
    fresh = set(propose(settings, open_month(settings, month, None), load_contracts(), now()))
    found = [p for p in proposals(settings, month) if p["proposal"] in fresh]
    if as_json:
        return print_json(found)
    _print(settings, found, f"{month}：新提案 {len(found)} 条")
    if found:
        click.echo("请对照两处原表核实，再用 fangpin identity accept|reject 编号 --by 姓名 确认；没有确认的不起作用。")


@identity.command("proposals", cls=Look)
@click.option("--month", type=OneMonth(), metavar="YYYY-MM")
@as_json
def list_proposals(month: str | None, as_json: bool) -> None:
    """Every proposal of a month, or of all, with its verdict."""
    from pipelines.identity import proposals

    settings = Settings.load()
    found = proposals(settings, month)
    if as_json:
        return print_json(found)
    _print(settings, found, f"{len(found)} 条提案")


@identity.command("accept")
@number
@by
@as_json
def accept(proposal: int, who: str, as_json: bool) -> None:
    """Say yes to a proposal: the next refresh of its month counts the rows for that person."""
    _decide(proposal, "accepted", who, as_json)


@identity.command("reject")
@number
@by
@as_json
def reject(proposal: int, who: str, as_json: bool) -> None:
    """Say no to a proposal, or take back a yes; it is not proposed again."""
    _decide(proposal, "rejected", who, as_json)


def _decide(proposal: int, verdict: str, who: str, as_json: bool) -> None:
    from pipelines.identity import IdentityError, decide

    try:
        done = decide(Settings.load(), proposal, verdict, who, now())
    except IdentityError as error:
        raise Refused(str(error)) from None
    if as_json:
        return print_json(done)
    click.echo(
        f"第 {proposal} 号提案{STATES[verdict]}（{who}）。下次 fangpin refresh --month {done['period']} 起"
        + ("按此计算。" if verdict == "accepted" else "不按此计算。")
    )


def _print(settings: Settings, found: list[dict[str, Any]], title: str) -> None:
    from pipelines.intake.contract import load_contracts

    contracts = load_contracts()
    print_table(
        ["编号", "上报数据", "行", "行数", "登记的人", "人员信息表中", "可能性", "比较", "状态"],
        [
            (
                str(p["proposal"]),
                contracts[p["extract"]].title.zh if p["extract"] in contracts else p["extract"],
                _place(p),
                p["rows"],
                p["person"],
                _place(p["register"]),
                f"{p['score']:.4f}",
                "，".join(f"{what}{how}" for what, how in p["comparison"].items()),
                STATES[p["state"]] + (f"（{p['decided_by']} {p['decided_at'][:10]}）" if p["decided_by"] else ""),
            )
            for p in found
        ],
        title=title,
    )


def _place(at: dict[str, Any] | None) -> str:
    return f"{at['file']} {at['sheet']} 第{at['row']}行" if at else ""
