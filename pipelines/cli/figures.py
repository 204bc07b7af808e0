"""Commands about figures and what stands behind them: figures, trace, impact, explain."""

from __future__ import annotations

import click

from pipelines.cli.shared import (
    Look,
    area_or_all,
    as_json,
    chosen_area,
    cut_title,
    month,
    open_month,
    print_json,
    print_table,
    release_option,
    revision_number,
    shown_value,
)
from pipelines.settings import Settings

_NAMES = (("departments", "department"), ("extracts", "extract"))


@click.command(cls=Look)
@month
@click.option("--indicator", metavar="CODE")
@area_or_all
@release_option
@as_json
def figures(month: str, indicator: str | None, area: str | None, revision: str | None, as_json: bool) -> None:
    """Figures of a sealed release."""
    release = open_month(Settings.load(), month, revision)
    known = release.definitions["indicators"]
    if indicator and indicator not in known:
        raise click.BadParameter(f"no indicator {indicator!r}; there are {', '.join(known)}", param_hint="--indicator")
    found = release.figures(indicator, chosen_area(release, area))
    if as_json:
        print_json(found)
        return
    notes: dict[str, str] = {}
    for f in found:
        if said := f["reason"] or f["note"]:
            notes.setdefault(said, f"注{len(notes) + 1}")
    rows = [
        (
            f["title"],
            cut_title(release, f),
            f["area_name"],
            shown_value(release, f),
            f["unit"],
            notes.get(f["reason"] or f["note"] or "", ""),
            f["id"],
        )
        for f in found
    ]
    print_table(["指标", "分组", "区域", "数值", "单位", "说明", "编号"], rows, title=f"{release.name}")
    for said, number in notes.items():
        click.echo(f"{number}：{said}")


@click.command(cls=Look)
@click.argument("figure_id")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=0))
@click.option("--offset", default=0, type=click.IntRange(min=0))
@as_json
def trace(figure_id: str, limit: int, offset: int, as_json: bool) -> None:
    """From a figure to its definition, clauses, contributions, files, rows and cells."""
    from pipelines.trace import GROUNDS
    from pipelines.trace import trace as follow

    settings = Settings.load()
    found = follow(settings, figure_id, limit, offset)
    if as_json:
        print_json(found)
        return
    figure, totals = found["figure"], found["totals"]
    release = open_month(settings, figure["period"], figure["release"].split("/")[1])
    click.echo(f"{figure['area_name']} {figure['period']} {figure['title']} {cut_title(release, figure)}")
    click.echo(f"{shown_value(release, figure)} {figure['unit']} {figure['reason'] or figure['note'] or ''}")
    for clause in found["clauses"]:
        click.echo(
            f"  依据 {clause['id']} {clause.get('doc_no', '')} {clause.get('section', '')}：{clause.get('quote', '')}"
        )
    if found["ground"] in GROUNDS:
        own = (found["definition"].get("own") or {}).get("zh") if found["ground"] == "own" else None
        click.echo(f"  {GROUNDS[found['ground']][0]}{'：' + own if own else ''}")
    for setting in found["settings"]:
        title = setting["title"]["zh"] if setting["title"] else ""
        value = "没有设定" if setting["value"] is None else f"{setting['value']} {setting['unit']}".rstrip()
        click.echo(f"  参数 {setting['setting']} {title}：{value}（{'、'.join(c['id'] for c in setting['clauses'])}）")
    click.echo(
        f"  {totals['contributions']} 条贡献，合计 {totals['numerator']:,}"
        + (f" / {totals['denominator']:,}" if totals["denominator"] is not None else "")
        + f"，源数据 {totals['source_rows']} 行，{totals['unknown']} 条不详"
    )
    rows = []
    for c in found["contributions"]:
        for i, e in enumerate(c["evidence"]):
            cells = "  ".join(f"{h.split('/')[-1]}={v}" for h, v in e["cells"].items() if v)
            first = (c["subject"], c["numerator"], c["denominator"]) if i == 0 else ("", "", "")
            if e["linked"]:
                cells += f"\n按第 {e['linked']['proposal']} 号提案对应，{e['linked']['accepted_by']} 确认"
            rows.append((*first, f"{e['file']}\n{e['sheet']} 第{e['row']}行  sha256 {e['sha256'][:12]}", cells))
    print_table(["统计对象", "分子", "分母", "源数据行", "单元格（原文）"], rows)
    if offset + limit < totals["contributions"] + totals["unknown"]:
        click.echo(f"…… 还有；加 --offset {offset + limit}")


@click.command(cls=Look)
@click.argument("submission", type=int)
@click.argument("sheet", type=int)
@click.argument("row", type=int)
@as_json
def impact(submission: int, sheet: int, row: int, as_json: bool) -> None:
    """From a source row (submission, sheet counted from 1, row as Excel shows it) to every figure of every release it feeds."""
    from pipelines.trace.impact import impact as follow

    found = follow(Settings.load(), submission, sheet, row)
    if as_json:
        print_json(found)
        return
    click.echo(f"{found['file']} 第{row}行（上报件 {submission}，{found['period']}，sha256 {found['sha256'][:12]}）")
    if not found["releases"]:
        click.echo("没有发布的统计数用到这一行。")
        return
    print_table(
        ["发布版", "统计数", "区域", "数值", "单位", "编号"],
        [
            (r["release"], f["title"], f["area_name"], "暂缓" if f["value"] is None else f["value"], f["unit"], f["id"])
            for r in found["releases"]
            for f in r["figures"]
        ],
    )


@click.command(cls=Look)
@click.argument("household")
@month
@release_option
@as_json
def explain(household: str, month: str, revision: str | None, as_json: bool) -> None:
    """What every rule in force says of a household (its pseudonym, H…): met, not met or unknown, and the rows behind it."""
    from pipelines.trace.explain import explain as read

    found = read(Settings.load(), household, month, revision_number(revision))
    if as_json:
        print_json(found)
        return
    words = {"met": "达到预警线", "not_met": "未达到", "unknown": "不详"}
    if not found["rules"]:
        click.echo(f"{found['release']}：当月没有生效的预警规则。")
    named = open_month(Settings.load(), month, revision).definitions
    for rule in found["rules"]:
        value = "不详" if rule["value"] is None else f"{rule['value']:,}"
        limit = f"{rule['comparator']} {rule['threshold']:,} {rule['unit']}"
        click.echo(f"{rule['title']}（{rule['clause']}）：{words[rule['answer']]}，{value} {limit}")
        for wait in rule["waits_for"]:
            department, title = (named[kind][wait[key]]["zh"] for kind, key in _NAMES)
            click.echo(f"  等待 {department}《{title}》{wait['period']}：{wait['why']}")
        print_table(
            ["文件", "工作表", "行", "单元格（原文）"],
            [
                (
                    e["file"],
                    e["sheet"],
                    str(e["row"]),
                    "  ".join(f"{h.split('/')[-1]}={v}" for h, v in e["cells"].items() if v),
                )
                for e in rule["evidence"]
            ],
        )
