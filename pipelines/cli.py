"""The command ``fangpin``: reads its arguments, calls one function of a room, prints. Nothing is computed here.

Exit codes: 0 done, 1 the data were refused (says what and where), 2 wrong usage, 3 the program failed.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from pipelines.periods import months as month_span
from pipelines.settings import Settings


class Refused(click.ClickException):
    """The data were refused; the message says what and where."""

    exit_code = 1


class Span(click.ParamType[list[str]]):
    """``YYYY-MM`` or ``YYYY-MM:YYYY-MM`` as the list of its months."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        if isinstance(value, list):
            return value
        try:
            return month_span(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class OneMonth(click.ParamType[str]):
    """A single month ``YYYY-MM``."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        found = Span().convert(value, param, ctx)
        if len(found) != 1:
            self.fail(f"{value!r} is more than one month", param, ctx)
        return found[0]


NUMBER = re.compile(r"[\d,.]*|暂缓|—")
as_json = click.option("--json", "as_json", is_flag=True, help="Print the same facts as JSON.")
month = click.option("--month", required=True, type=OneMonth(), metavar="YYYY-MM")
release_option = click.option(
    "--release", "revision", metavar="rN", help="A revision such as r1; the latest by default."
)


@click.group()
@click.version_option(package_name="fangpin")
def cli() -> None:
    """防贫: department files in, traced and sealed figures out."""


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: TID251 the clock is read here and handed in


def _print_json(content: Any) -> None:
    click.echo(json.dumps(content, ensure_ascii=False, indent=1))


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str | None = None) -> None:
    """Print rows as a table; a number is set to the right, nothing is cut off."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    rows = [["" if cell is None else cell for cell in row] for row in rows]
    table = Table(*columns, title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for index, column in enumerate(table.columns):
        column.overflow = "fold"
        if rows and all(isinstance(row[index], (int, float)) or NUMBER.fullmatch(row[index]) for row in rows):
            column.justify = "right"
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, (int, float)) else str(cell) for cell in row))
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    console.print(table)


def _cut(release: Any, figure: dict[str, Any]) -> str:
    """What the figure's breakdown value is called."""
    breakdown = "".join(f"{dim}={value}" for dim, value in figure["breakdown"].items())
    title: str = release.breakdown_title(figure["indicator"], breakdown)
    return title


def _value(release: Any, figure: dict[str, Any]) -> str:
    """The value with the decimals of its indicator; a withheld one says so."""
    if figure["status"] != "published":
        return "暂缓"
    decimals = release.definitions["indicators"][figure["indicator"]]["decimals"]
    return "—" if figure["value"] is None else f"{figure['value']:,.{decimals}f}"


def _pack(settings: Settings) -> Any:
    from pipelines.policy import load_pack

    return load_pack(settings.policy_dir)


def _revision(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.removeprefix("r").isdecimal():
        raise click.BadParameter(f"{text!r} is not a revision; write r1")
    return int(text.removeprefix("r"))


def _open(settings: Settings, period: str, revision: str | None) -> Any:
    from pipelines.release import open_release

    return open_release(settings, period, _revision(revision))


def _named(settings: Settings, name: str) -> Any:
    """The release called ``2020-12/r2``; the latest of the month without ``/rN``."""
    period, _, revision = name.partition("/")
    return _open(settings, OneMonth().convert(period, None, None), revision or None)


def _progress() -> tuple[Any, Callable[[str, float], None]]:
    """A progress bar on stderr, and the function that moves it (what is being done, share done from 0 to 1)."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description:<28}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=not sys.stderr.isatty(),
    )
    task = bar.add_task("", total=1.0)
    return bar, lambda what, share: bar.update(task, description=what, completed=share)


def _refresh(settings: Settings, months: list[str], as_of: str, quiet: bool = False) -> Any:
    from pipelines.defs.refresh import refresh as run

    if quiet:
        return run(settings, months, as_of, lambda what, share: None)
    bar, move = _progress()
    with bar:
        return run(settings, months, as_of, move)


@cli.command()
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
    made = write(Path(out), _pack(settings), load_contracts(), span, households=households, seed=seed)
    click.echo(f"{len(made.files)} 个文件，{len(made.corrections)} 个更正件：{out}")


@cli.command()
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
    done = _refresh(settings, span, as_of or _now(), quiet=as_json)
    if as_json:
        _print_json(done.as_record())
    else:
        _table(
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
        click.echo("用时：" + "，".join(f"{what} {seconds:.1f} 秒" for what, seconds in done.timings.items()))
    if not any(s.figures > s.withheld for s in done.sealed):
        raise Refused(f"没有可发布的统计数。看 fangpin status --month {span[0]} 与 fangpin gate --month {span[0]}")


@cli.command()
@month
@as_json
def status(month: str, as_json: bool) -> None:
    """Who has sent what: received, late, missing, refused, revised, with every row accounted for."""
    from pipelines.intake.contract import load_contracts
    from pipelines.intake.ledger import Ledger
    from pipelines.intake.slips import slips_of
    from pipelines.intake.status import status as read

    settings = Settings.load()
    pack, contracts = _pack(settings), load_contracts()
    found = read(Ledger(settings.ledger), contracts, pack, month, slips_of(settings.slips, month))
    if as_json:
        _print_json(found)
        return
    words = {"on_time": "按时", "late": "迟报", "missing": "未报", "refused": "退回"}
    rows: list[Sequence[Any]] = []
    for entry in found:
        title = contracts[entry["extract"]].title.zh if entry["extract"] else "（不认识的文件）"
        department = (
            entry["department"]
            if entry["department"] not in pack.departments
            else pack.department_name(entry["department"], month)
        )
        for s in entry["submissions"] or [None]:
            if s is None:
                rows.append((title, department, words[entry["state"]], *[""] * 8))
            else:
                r = s["rows"]
                rows.append(
                    (title, department, words[entry["state"]], s["submission"], f"r{s['revision']}", s["file"], s["received_at"][:16],
                     r["sheet"], r["accepted"], r["quarantined"], r["skipped"])
                )  # fmt: skip
    _table(
        ["上报数据", "部门", "状态", "上报件", "版本", "文件", "收到（UTC）", "行数", "采用", "隔离", "略过"],
        rows,
        title=f"{month} 上报情况（行数 = 采用 + 隔离 + 略过）",
    )
    for entry in found:
        for s in entry["submissions"]:
            if s["reason"]:
                click.echo(f"{s['file']}：{s['reason']}")
            if s["slip"]:
                click.echo(f"{s['file']}：退回单 {s['slip']}")


@cli.command()
@click.argument("submission", type=click.IntRange(min=1))
@as_json
def slip(submission: int, as_json: bool) -> None:
    """Write the return slip of a submission again (its number is in fangpin status) and say where it lies."""
    from pipelines.intake.contract import load_contracts
    from pipelines.intake.receive import return_slip

    settings = Settings.load()
    try:
        path = return_slip(settings, _pack(settings), load_contracts(), submission)
    except KeyError:
        raise click.BadParameter(f"no submission {submission}", param_hint="SUBMISSION") from None
    if as_json:
        _print_json({"submission": submission, "slip": path and str(path)})
    else:
        click.echo(str(path) if path else f"第 {submission} 号上报件没有要退回改正的问题。")


@cli.command()
@month
@click.option("--indicator", metavar="CODE")
@click.option("--area", metavar="CODE", help="An area's code, or 'all'; the whole jurisdiction by default.")
@release_option
@as_json
def figures(month: str, indicator: str | None, area: str | None, revision: str | None, as_json: bool) -> None:
    """Figures of a sealed release."""
    release = _open(Settings.load(), month, revision)
    known = release.definitions["indicators"]
    if indicator and indicator not in known:
        raise click.BadParameter(f"no indicator {indicator!r}; there are {', '.join(known)}", param_hint="--indicator")
    codes = {a["code"] for a in release.definitions["areas"]}
    if area and area != "all" and area not in codes:
        raise click.BadParameter(f"no area {area!r} in {release.name}", param_hint="--area")
    place = None if area == "all" else area or release.definitions["pack"]["area"]
    found = release.figures(indicator, place)
    if as_json:
        _print_json(found)
        return
    rows = [
        (f["title"], _cut(release, f), f["area_name"], _value(release, f), f["unit"], f["reason"] or f["note"], f["id"])
        for f in found
    ]
    _table(["指标", "分组", "区域", "数值", "单位", "说明", "编号"], rows, title=f"{release.name}")


@cli.command()
@click.argument("figure_id")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=0))
@click.option("--offset", default=0, type=click.IntRange(min=0))
@as_json
def trace(figure_id: str, limit: int, offset: int, as_json: bool) -> None:
    """From a figure to its definition, clauses, contributions, files, rows and cells."""
    from pipelines.trace import trace as follow

    settings = Settings.load()
    found = follow(settings, figure_id, limit, offset)
    if as_json:
        _print_json(found)
        return
    figure, totals = found["figure"], found["totals"]
    release = _open(settings, figure["period"], figure["release"].split("/")[1])
    click.echo(f"{figure['area_name']} {figure['period']} {figure['title']} {_cut(release, figure)}")
    click.echo(f"{_value(release, figure)} {figure['unit']} {figure['reason'] or figure['note'] or ''}")
    for clause in found["clauses"]:
        click.echo(
            f"  依据 {clause['id']} {clause.get('doc_no', '')} {clause.get('section', '')}：{clause.get('quote', '')}"
        )
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
            rows.append((*first, f"{e['file']}\n{e['sheet']} 第{e['row']}行  sha256 {e['sha256'][:12]}", cells))
    _table(["统计对象", "分子", "分母", "源数据行", "单元格（原文）"], rows)
    if offset + limit < totals["contributions"] + totals["unknown"]:
        click.echo(f"…… 还有；加 --offset {offset + limit}")


@cli.command()
@click.argument("submission", type=int)
@click.argument("sheet", type=int)
@click.argument("row", type=int)
@as_json
def impact(submission: int, sheet: int, row: int, as_json: bool) -> None:
    """From a source row (submission, sheet counted from 1, row as Excel shows it) to every figure of every release it feeds."""
    from pipelines.trace.impact import impact as follow

    found = follow(Settings.load(), submission, sheet, row)
    if as_json:
        _print_json(found)
        return
    click.echo(f"{found['file']} 第{row}行（上报件 {submission}，{found['period']}，sha256 {found['sha256'][:12]}）")
    if not found["releases"]:
        click.echo("没有发布的统计数用到这一行。")
        return
    _table(
        ["发布版", "统计数", "区域", "数值", "单位", "编号"],
        [
            (r["release"], f["title"], f["area_name"], "暂缓" if f["value"] is None else f["value"], f["unit"], f["id"])
            for r in found["releases"]
            for f in r["figures"]
        ],
    )


@cli.command()
@click.argument("household")
@month
@release_option
@as_json
def explain(household: str, month: str, revision: str | None, as_json: bool) -> None:
    """What every rule in force says of a household (its pseudonym, H…): met, not met or unknown, and the rows behind it."""
    from pipelines.trace.explain import explain as read

    found = read(Settings.load(), household, month, _revision(revision))
    if as_json:
        _print_json(found)
        return
    words = {"met": "达到预警线", "not_met": "未达到", "unknown": "不详"}
    if not found["rules"]:
        click.echo(f"{found['release']}：当月没有生效的预警规则。")
    for rule in found["rules"]:
        value = "不详" if rule["value"] is None else f"{rule['value']:,}"
        limit = f"{rule['comparator']} {rule['threshold']:,} {rule['unit']}"
        click.echo(f"{rule['title']}（{rule['clause']}）：{words[rule['answer']]}，{value} {limit}")
        for wait in rule["waits_for"]:
            click.echo(f"  等待 {wait}")
        _table(
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


@cli.group(invoke_without_command=True)
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
    release = _open(Settings.load(), month, revision)
    findings = release.findings()
    held = [f for f in release.figures() if f["status"] == "withheld"]
    noted = [f for f in release.figures() if f["status"] == "published" and f["note"]]
    if as_json:
        return _print_json({
            "release": release.name, "published": release.manifest["figures"].get("published", 0), "withheld": len(held),
            "findings": findings, "decisions": [*held, *noted],
        })  # fmt: skip
    click.echo(
        f"{release.name}：发布 {release.manifest['figures'].get('published', 0)}，暂缓 {len(held)}，附说明发布 {len(noted)}"
    )
    names = {code: title["zh"] for code, title in release.definitions["departments"].items()}
    severities = {"error": "错误", "warning": "提醒", "note": "备注"}
    rows = []
    for f in findings:
        place = (f["file"], f["sheet"], str(f["row"] or ""), f["column"], f["found"])
        rows.append(
            (
                f["id"],
                severities[f["severity"]],
                f["message"],
                names.get(f["department"], f["department"]),
                *place,
                f["remedy"],
            )
        )
    _table(["编号", "级别", "问题", "部门", "文件", "工作表", "行", "列", "内容", "如何处理"], rows)
    reasons: dict[str, int] = {}
    for figure in held:
        reasons[figure["reason"]] = reasons.get(figure["reason"], 0) + 1
    if reasons:
        _table(["暂缓原因", "统计数"], sorted(reasons.items(), key=lambda item: -item[1]))


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
    found = [f for f in _open(settings, month, None).findings() if f["id"] == finding]
    if not found:
        raise click.BadParameter(f"no finding {finding!r} in {month}", param_hint="--finding")
    waive(Ledger(settings.ledger), found[0]["rule"], found[0]["extract"], month, reason, who, _now())
    click.echo(f"已记录：{found[0]['message']}（{who}：{reason}）。下次 fangpin refresh --month {month} 起附说明发布。")


@cli.group("release")
def releases() -> None:
    """Sealed releases."""


@releases.command("list")
@as_json
def release_list(as_json: bool) -> None:
    """Every sealed release."""
    from pipelines.release import list_releases

    found = [
        {
            "release": r.name,
            "as_of": r.manifest["as_of"],
            "published": r.manifest["figures"].get("published", 0),
            "withheld": r.manifest["figures"].get("withheld", 0),
            "supersedes": r.manifest["supersedes"],
            "findings": r.manifest["findings"],
        }
        for r in list_releases(Settings.load())
    ]
    if as_json:
        _print_json(found)
        return
    _table(
        ["发布版", "数据截至（UTC）", "发布", "暂缓", "取代"],
        [(r["release"], r["as_of"], r["published"], r["withheld"], r["supersedes"]) for r in found],
    )


@releases.command("show")
@click.argument("name")
@as_json
def release_show(name: str, as_json: bool) -> None:
    """One release (2020-12/r2): its inputs with hashes, and what changed against the release before."""
    release = _named(Settings.load(), name)
    manifest, changes = release.manifest, release.changes()
    if as_json:
        _print_json(manifest | {"changes": changes})
        return
    click.echo(
        f"{release.name}  数据截至 {manifest['as_of']}  政策包 {manifest['policy']['name']} {manifest['policy']['sha256'][:12]}"
    )
    counts = manifest["figures"]
    click.echo(
        f"发布 {counts.get('published', 0)}，暂缓 {counts.get('withheld', 0)}，取代 {manifest['supersedes'] or '无'}"
    )
    _table(
        ["上报件", "文件", "月份", "版本", "收到（UTC）", "sha256"],
        [(str(i["submission"]), i["file"], i["period"], f"r{i['revision']}", i["received_at"][:16], i["sha256"][:16])
         for i in manifest["inputs"] if i["period"] == release.period],
        title=f"本月上报件（另有以前月份 {sum(i['period'] < release.period for i in manifest['inputs'])} 件）",
    )  # fmt: skip
    if changes:
        _changes(release, changes)


@releases.command("diff")
@click.argument("old")
@click.argument("new")
@as_json
def release_diff(old: str, new: str, as_json: bool) -> None:
    """Every figure that differs between two releases (2020-12/r1 2020-12/r2, or two months)."""
    from pipelines.release.diff import diff

    settings = Settings.load()
    before, after = _named(settings, old), _named(settings, new)
    found = diff(before, after)
    if as_json:
        _print_json({"old": before.name, "new": after.name, "changes": found})
        return
    _table(
        ["统计数", "分组", "区域", before.name, after.name],
        [
            (c["title"], c["breakdown_title"], c["area_name"], *(c[f"{when}_shown"] for when in ("old", "new")))
            for c in found
        ],
        title=f"{len(found)} 个统计数不同",
    )


@releases.command("verify")
@click.argument("name", required=False)
@as_json
def release_verify(name: str | None, as_json: bool) -> None:
    """Whether releases still are what was sealed: files, inputs, and figures added up anew; all releases by default."""
    from pipelines.release import list_releases
    from pipelines.release.verify import verify

    settings = Settings.load()
    chosen = [_named(settings, name)] if name else list_releases(settings)
    faults = {release.name: verify(settings, release) for release in chosen}
    if as_json:
        _print_json([{"release": name, "faults": found} for name, found in faults.items()])
    else:
        for name, found in faults.items():
            click.echo(f"{name}：{'与封存时一致' if not found else f'{len(found)} 处不符'}")
            for fault in found:
                click.echo(f"  {fault}")
    if any(faults.values()):
        raise Refused("有发布版与封存时不符，见上")


def _changes(release: Any, changes: list[dict[str, Any]], most: int = 40) -> None:
    indicators = release.definitions["indicators"]
    rows = []
    for c in changes[:most]:
        title = indicators[c["indicator"]]["title"]["zh"] if c["indicator"] in indicators else c["indicator"]
        values = (c[f"{when}_value"] if c[f"{when}_status"] == "published" else "暂缓" for when in ("old", "new"))
        files = "、".join(f"{s['file']}（{s['submission']}）" for s in c["submissions"])
        rows.append((title, release.breakdown_title(c["indicator"], c["breakdown"]), c["area_name"], *values, files))
    heading = f"与 {release.manifest['supersedes']} 相比变动 {len(changes)} 个统计数"
    _table(["指标", "分组", "区域", "原数", "新数", "由哪件更正"], rows, title=heading)


@cli.group("key")
def keys() -> None:
    """The master key of the personal data."""


@keys.command("rotate")
def key_rotate() -> None:
    """Encrypt vault and archive under a new master key: FANGPIN_NEW_KEY, or a new key file where the key lies in one."""
    from pipelines.intake.rotation import rotate

    settings = Settings.load()
    bar, move = _progress()
    with bar:
        done = rotate(settings, progress=lambda share: move("重新加密", share))
    click.echo(f"已换用第 {done.generation} 把钥匙：重新加密存档 {done.files} 件、保管库 {done.entries} 条；化名不变。")
    click.echo(
        f"新钥匙在 {settings.key_file}，请另处备份。"
        if done.key_file
        else "从现在起把 FANGPIN_KEY 设为 FANGPIN_NEW_KEY 的值，并重启正在运行的服务。"
    )
    click.echo("旧钥匙只用于打开以前的备份；与数据分开保管，不再需要时销毁（见 docs/personal-data.md）。")


@cli.group("contract")
def contracts_group() -> None:
    """Contracts: what each department's table must look like."""


@contracts_group.command("draft")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@as_json
def contract_draft(file: str, as_json: bool) -> None:
    """The tables of a workbook that nobody has described, and a first contract for each kind of them.

    With --json the data rows' cells are printed as found, personal ones too.
    """
    from pathlib import Path

    from pipelines.intake.contract import load_contracts
    from pipelines.intake.draft import as_yaml, draft, first_contracts
    from pipelines.intake.reader import Unreadable

    path = Path(file)
    try:
        tables = draft(path.read_bytes(), path.name, load_contracts())
    except Unreadable as error:
        raise Refused(f"{path.name}：{error}") from error
    drafted = first_contracts(tables)
    if as_json:
        _print_json({
            "tables": [t.as_record() for t in tables], "contract": drafted[0] if drafted else None, "contracts": drafted,
        })  # fmt: skip
    else:
        _table(
            ["工作表", "表头行", "数据行", "数据行数", "合计行", "分段行", "备注行", "列"],
            [
                (t.sheet, _rows(t.header_rows), _rows(t.data_rows), len(t.data_rows), _rows(t.total_rows),
                 _rows(t.section_rows), _rows(t.note_rows), "、".join(t.columns))
                for t in tables
            ],
            title=f"{path.name}：{len(tables)} 张表（行号与 Excel 相同）",
        )  # fmt: skip
        for contract in drafted:
            todo = "请改好 extract（与文件名相同）、department、clauses、各列 name 和“待填”处"
            click.echo(f"# pipelines/contracts/{contract['extract']}.yml：{todo}")
            click.echo(as_yaml(contract))
    if not tables:
        raise Refused(f"{path.name}：没有找到表头和数据")


def _rows(numbers: Sequence[int]) -> str:
    """Row numbers with runs drawn together: 5–7、9."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    return "、".join("–".join(map(str, run)) for run in runs)


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8050, show_default=True, type=int)
def serve(host: str, port: int) -> None:
    """The dashboards."""
    from dashboards.app import serve as run

    run(Settings.load(), host, port)


@cli.command()
@click.option("--households", type=click.IntRange(min=1), help="A smaller county, to look around quickly.")
def demo(households: int | None) -> None:
    """The sample county over three years, a correction that arrives late, and where to look."""
    from pipelines.demo import DemoError, run_demo

    settings = Settings.load()
    bar, move = _progress()
    try:
        with bar:
            done = run_demo(settings, households, move)
    except DemoError as error:
        raise click.UsageError(str(error)) from None
    _table(
        ["指标", "区域", "月份", "数值", "单位", "目标或文件所载", "编号（fangpin trace …）"],
        done.headline,
        title="主要统计数",
    )
    release = done.corrected
    if release and release.changes():
        _changes(release, [c for c in release.changes() if c["area"] == release.definitions["pack"]["area"]])
    click.echo(f"共 {done.releases} 个发布版，{done.seconds:.0f} 秒。接着看：")
    for line in done.next_steps:
        click.echo(f"  {line}")


def main() -> None:
    """Entry of the command line; turns what goes wrong into the exit codes that the module's sentence lists."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 the one place where anything left over becomes an exit code
        sys.exit(_explain(error))


def _explain(error: Exception) -> int:
    """Say what went wrong, briefly when it is the operator's to mend, whole when it is ours; the exit code."""
    from pipelines.gate import WaiverError
    from pipelines.indicators import IndicatorError
    from pipelines.intake.archive import ArchiveError
    from pipelines.intake.contract import ContractError
    from pipelines.intake.keys import KeyTrouble
    from pipelines.intake.vault import VaultError
    from pipelines.periods import MonthError
    from pipelines.policy import PolicyError
    from pipelines.release import ReleaseError
    from pipelines.simulate import SimulationError

    wrong_usage = (KeyTrouble, MonthError, ReleaseError, SimulationError, WaiverError)
    if isinstance(error, (PolicyError, ContractError, IndicatorError, ArchiveError, VaultError, *wrong_usage)):
        click.echo(str(error), err=True)
        return 2 if isinstance(error, wrong_usage) else 1
    import traceback

    traceback.print_exception(error)
    return 3


if __name__ == "__main__":
    main()
