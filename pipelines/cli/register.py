"""Commands about the households and persons of the registers: history, causes, guarantees, line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from pipelines.cli.shared import (
    Look,
    as_json,
    month,
    open_month,
    open_named,
    print_json,
    print_table,
    release_option,
    revision_number,
    shown_value,
)
from pipelines.settings import Settings

day = click.DateTime(formats=["%Y-%m-%d"])
area_option = click.option("--area", metavar="CODE", help="An area's code; the whole jurisdiction by default.")
STATUS = {"met": "达标", "gap": "有缺口", "unknown": "不详"}
WAYS = {"status": "状态变更", "village": "村间迁移", "register": "新进或退出台账", "unknown": "不详", None: ""}


@click.command(cls=Look)
@click.argument("subject", required=False)
@click.option("--on", "on", type=day, metavar="YYYY-MM-DD", help="How many stood in each status on this day.")
@area_option
@release_option
@as_json
def history(subject: str | None, on: datetime | None, area: str | None, revision: str | None, as_json: bool) -> None:
    """How many households and persons stood in each status on a day; or every status of one (its pseudonym, H… or P…)."""
    from pipelines.release.history import held, standing
    from pipelines.release.history import history as read

    settings = Settings.load()
    if subject:
        if area or revision:
            raise click.UsageError("--area and --release go with --on, not with one household or person")
        found = [state for state in read(settings, subject) if on is None or held(state, on.date())]
        print_json(found) if as_json else _print_states(subject, found)
        return
    if on is None:
        raise click.UsageError("name a household or person, or a day: --on 2017-12-31")
    counts = standing(settings, on.date(), area, revision_number(revision))
    print_json(counts) if as_json else _print_counts(counts)


def _print_states(subject: str, found: list[dict[str, Any]]) -> None:
    print_table(
        ["状态", "村", "起", "止（不含）", "如何进入", "如何离开", "始见于"],
        [
            (
                *(s["title"], s["village_name"], s["valid_from"] or "不详", s["valid_to"] or ""),
                *(WAYS[s["came_by"]], WAYS[s["left_by"]], s["release"]),
            )
            for s in found
        ],
        title=subject,
    )


def _print_counts(counts: dict[str, Any]) -> None:
    for key, heading in (("states", "脱贫状态"), ("kinds", "户类型")):
        print_table(
            [heading, "户", "人", "其中不能确定的户", "其中不能确定的人"],
            [
                (row["title"], *(row[f"{u}{kind}"] for u in ("", "unknown_") for kind in ("households", "persons")))
                for row in counts[key]
            ],
            title=f"{counts['area_name']} {counts['as_at']}（{counts['release']}）",
        )
    if counts["as_at"] != counts["on"]:
        click.echo(f"{counts['on'][:7]} 没有封存的发布版；以上是 {counts['as_at']} 的情况。")


@click.command(cls=Look)
@month
@area_option
@release_option
@click.option("--since", metavar="YYYY-MM[/rN]", help="What changed since this month.")
@click.option(
    "--as", "as_pack", metavar="PACK", help="Under the list of causes of another policy pack, such as xinfeng."
)
@as_json
def causes(
    month: str, area: str | None, revision: str | None, since: str | None, as_pack: str | None, as_json: bool
) -> None:
    """Households and persons not out of poverty by cause, main and further; what changed since another month."""
    from pipelines.policy import load_pack
    from pipelines.release.causes import causes as read
    from pipelines.release.causes import changed, mapped

    settings = Settings.load()
    release = open_month(settings, month, revision)
    area = area or release.definitions["pack"]["area"]
    found = read(release, area)
    if as_pack:
        there = sorted(path.parent.name for path in settings.policies.glob("*/pack.yml"))
        if as_pack not in there:
            raise click.BadParameter(f"no pack {as_pack!r}; there are {', '.join(there)}", param_hint="--as")
        pack = load_pack(settings.policies / as_pack)
        words = {code: {"zh": about.zh[0], "common": about.common} for code, about in pack.codes["cause"].items()}
        found |= {"as": as_pack, "mapped": mapped(found["rows"], words)}
    if since:
        found["since"] = changed(open_named(settings, since), release, area)
    if as_json:
        print_json(found)
        return
    if as_pack:
        titles = {row["cause"]: row["title"] for row in found["rows"]}
        print_table(
            ["致贫原因", "户", "人", "对应本县的"],
            [
                (*(_or_none(m[k]) for k in ("title", "households", "persons")), "、".join(titles[c] for c in m["from"]))
                for m in found["mapped"]
            ],
            title=f"{found['area_name']} {release.name}，按 {pack.title.zh} 的致贫原因",
        )
    else:
        _print_causes(release, found)
    if since:
        _print_changed(found["since"])


def _or_none(value: Any) -> Any:
    return "—" if value is None else value


def _print_causes(release: Any, found: dict[str, Any]) -> None:
    counts = ("households", "household_share", "persons", "person_share", "any")
    print_table(
        ["致贫原因", "户", "占户数%", "人", "占人数%", "有该原因的户（主要或其他）"],
        [(row["title"], *(shown_value(release, row[c]) if row[c] else "—" for c in counts)) for row in found["rows"]],
        title=f"{found['area_name']} {release.name}，未脱贫户按主要致贫原因（每户只计一次）",
    )


def _print_changed(found: dict[str, Any]) -> None:
    words = {"stayed": "原因未变", "changed": "原因改变", "came": "新进", "left": "退出", "unknown": "原因不详"}
    print_table(
        ["变化", "原来", "现在", "户"],
        [(words[m["way"]], m["from_title"], m["to_title"], m["households"]) for m in found["moves"]],
        title=f"{found['area_name']} {found['old']} → {found['new']}："
        + "，".join(f"{zh} {found[way]} 户" for way, zh in words.items()),
    )


@click.command(cls=Look)
@click.argument("household", required=False)
@month
@click.option(
    "--changes", "only_changes", is_flag=True, help="The households and items whose status changed in the month."
)
@area_option
@release_option
@as_json
def guarantees(
    household: str | None, month: str, only_changes: bool, area: str | None, revision: str | None, as_json: bool
) -> None:
    """Food, clothing, school, health care, house, water: how many meet each; who changed; or those of one household (H…)."""
    from pipelines.trace.guarantees import changes, of_household
    from pipelines.trace.guarantees import guarantees as read

    if household and (only_changes or area):
        raise click.UsageError("--changes and --area go with all households, not with one")
    settings = Settings.load()
    release = open_month(settings, month, revision)
    area = area or release.definitions["pack"]["area"]
    found: Any
    rows: list[tuple[Any, ...]]
    if household:
        found, columns = of_household(settings, release, household), ["保障项", "本月", "上月", "依据"]
        rows = [
            (r["title"], STATUS[r["status"]], STATUS[r["before"]], "、".join(map(_place, r["evidence"]))) for r in found
        ]
    elif only_changes:
        found, columns = changes(release, area), ["村", "户", "保障项", "上月", "本月"]
        rows = [(r["village_name"], r["household"], r["title"], STATUS[r["from"]], STATUS[r["to"]]) for r in found]
    else:
        found, columns = read(release, area), ["保障项", "达标", "有缺口", "不详", "本月新增缺口", "本月消除缺口"]
        rows = [tuple(r[c] for c in ("title", "met", "gap", "unknown", "new", "closed")) for r in found["items"]]
    if as_json:
        print_json(found)
    else:
        print_table(columns, rows, title=f"{household or release.area_name(area)} {release.name}")


def _place(row: dict[str, Any]) -> str:
    return f"{row['file']} {row['sheet']} 第{row['row']}行"


@click.command(cls=Look)
@month
@click.option(
    "--from", "old", required=True, metavar="LINE", help="Yuan per head and year, or a setting such as monitor_line."
)
@click.option("--to", "new", required=True, metavar="LINE", help="The line to move to, written the same way.")
@area_option
@release_option
@as_json
def line(month: str, old: str, new: str, area: str | None, revision: str | None, as_json: bool) -> None:
    """Who would come under an income line that is moved, and who would leave it, by township."""
    from pipelines.release.lines import line_value, move

    release = open_month(Settings.load(), month, revision)
    found = move(release, line_value(release, old), line_value(release, new), area)
    if as_json:
        print_json(found)
        return
    rows = [
        (
            row["area_name"],
            *(
                row[of][count]
                for count in ("below_old", "below_new", "enter", "leave")
                for of in ("households", "persons")
            ),
            row["households"]["unknown"],
        )
        for row in (*found["areas"], found["whole"] | {"area_name": "合计"})
    ]
    heads = [f"{what}{unit}" for what in ("原线以下", "新线以下", "新增", "退出") for unit in ("户", "人")]
    print_table(
        ["区域", *heads, "收入不详户"], rows, title=f"{found['release']}：{found['old']:,} 元 → {found['new']:,} 元"
    )
