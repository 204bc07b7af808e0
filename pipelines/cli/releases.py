"""The command release: sealed releases, their differences, their verification."""

from __future__ import annotations

from typing import Any

import click

from pipelines.cli.shared import Look, Refused, Room, as_json, open_named, print_json, print_table
from pipelines.settings import Settings


@click.group("release", cls=Room)
def releases() -> None:
    """Sealed releases."""


@releases.command("list", cls=Look)
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
        print_json(found)
        return
    print_table(
        ["发布版", "数据截至（UTC）", "发布", "暂缓", "取代"],
        [(r["release"], r["as_of"], r["published"], r["withheld"], r["supersedes"]) for r in found],
    )


@releases.command("show", cls=Look)
@click.argument("name")
@as_json
def release_show(name: str, as_json: bool) -> None:
    """One release (2020-12/r2): its inputs with hashes, and what changed against the release before."""
    release = open_named(Settings.load(), name)
    manifest, changes = release.manifest, release.changes()
    if as_json:
        print_json(manifest | {"changes": changes})
        return
    click.echo(
        f"{release.name}  数据截至 {manifest['as_of']}  政策包 {manifest['policy']['name']} {manifest['policy']['sha256'][:12]}"
    )
    counts = manifest["figures"]
    click.echo(
        f"发布 {counts.get('published', 0)}，暂缓 {counts.get('withheld', 0)}，取代 {manifest['supersedes'] or '无'}"
    )
    print_table(
        ["上报件", "文件", "月份", "版本", "收到（UTC）", "sha256"],
        [(str(i["submission"]), i["file"], i["period"], f"r{i['revision']}", i["received_at"][:16], i["sha256"][:16])
         for i in manifest["inputs"] if i["period"] == release.period],
        title=f"本月上报件（另有以前月份 {sum(i['period'] < release.period for i in manifest['inputs'])} 件）",
    )  # fmt: skip
    if changes:
        print_changes(release, changes)


@releases.command("diff", cls=Look)
@click.argument("old")
@click.argument("new")
@as_json
def release_diff(old: str, new: str, as_json: bool) -> None:
    """Every figure that differs between two releases (2020-12/r1 2020-12/r2, or two months)."""
    from pipelines.release.diff import diff

    settings = Settings.load()
    before, after = open_named(settings, old), open_named(settings, new)
    found = diff(before, after)
    if as_json:
        print_json({"old": before.name, "new": after.name, "changes": found})
        return
    print_table(
        ["统计数", "分组", "区域", before.name, after.name],
        [
            (c["title"], c["breakdown_title"], c["area_name"], *(c[f"{when}_shown"] for when in ("old", "new")))
            for c in found
        ],
        title=f"{len(found)} 个统计数不同",
    )


@releases.command("verify", cls=Look)
@click.argument("name", required=False)
@as_json
def release_verify(name: str | None, as_json: bool) -> None:
    """Whether releases still are what was sealed: files, inputs, and figures added up anew; all releases by default."""
    from pipelines.release import list_releases
    from pipelines.release.verify import verify

    settings = Settings.load()
    chosen = [open_named(settings, name)] if name else list_releases(settings)
    faults = {release.name: verify(settings, release) for release in chosen}
    if as_json:
        print_json([{"release": name, "faults": found} for name, found in faults.items()])
    else:
        for name, found in faults.items():
            click.echo(f"{name}：{'与封存时一致' if not found else f'{len(found)} 处不符'}")
            for fault in found:
                click.echo(f"  {fault}")
    if any(faults.values()):
        raise Refused("有发布版与封存时不符，见上")


def print_changes(release: Any, changes: list[dict[str, Any]], most: int = 40) -> None:
    """A table of the first changes of a release against the one that it supersedes."""
    indicators = release.definitions["indicators"]
    rows = []
    for c in changes[:most]:
        title = indicators[c["indicator"]]["title"]["zh"] if c["indicator"] in indicators else c["indicator"]
        values = (c[f"{when}_value"] if c[f"{when}_status"] == "published" else "暂缓" for when in ("old", "new"))
        files = "、".join(f"{s['file']}（{s['submission']}）" for s in c["submissions"])
        rows.append((title, release.breakdown_title(c["indicator"], c["breakdown"]), c["area_name"], *values, files))
    heading = f"与 {release.manifest['supersedes']} 相比变动 {len(changes)} 个统计数"
    print_table(["指标", "分组", "区域", "原数", "新数", "由哪件更正"], rows, title=heading)
