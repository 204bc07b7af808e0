"""The command replay: a past month under another policy pack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pipelines.cli.shared import Look, as_json, month, print_json, print_table, release_option, revision_number
from pipelines.settings import Settings


@click.command(cls=Look)
@month
@click.option(
    "--policy", required=True, metavar="PACK", help="A pack such as shuangjiang, or the folder of a changed copy."
)
@click.option("--area", metavar="CODE", help="An area's code; the whole jurisdiction by default.")
@click.option("--indicator", metavar="CODE")
@click.option("--all", "every", is_flag=True, help="Also the figures that are the same.")
@release_option
@as_json
def replay(
    month: str, policy: str, area: str | None, indicator: str | None, every: bool, revision: str | None, as_json: bool
) -> None:
    """A past month's figures under another policy pack, beside the published ones. Publishes and keeps nothing."""
    from pipelines.replay import replay as run

    settings = Settings.load()
    found = run(settings, month, pack_folder(settings, policy), area, revision_number(revision))
    found["figures"] = [f for f in found["figures"] if (every or f["differs"]) and indicator in (None, f["indicator"])]
    if as_json:
        print_json(found)
        return
    under = found["replayed_under"]
    print_table(
        ["指标", "分组", "发布数", "重演数", "单位"],
        [
            (f["title"], f["breakdown_title"], *(_shown(f, side) for side in ("published", "replayed")), f["unit"])
            for f in found["figures"]
        ],
        title=f"重演，不是发布的统计数：{found['area_name']} {found['release']} 的数据，"
        f"按政策包 {under['name']} {under['sha256'][:12]}（发布时为 {found['published_under']['sha256'][:12]}）",
    )
    idle = [i for i in found["idle"] if i["kind"] == "rule"]
    if idle:
        click.echo(f"该政策包本月有 {len(idle)} 条规则不起作用：")
        for i in idle:
            click.echo(f"  {i['name']}（{i['clause']}）：{i['why']}")


def pack_folder(settings: Settings, policy: str) -> Path:
    """The folder of a pack given by name or by path. Raises BadParameter naming the packs that there are."""
    for folder in (settings.policies / policy, Path(policy)):
        if (folder / "pack.yml").exists():
            return folder
    there = sorted(path.parent.name for path in settings.policies.glob("*/pack.yml"))
    raise click.BadParameter(
        f"no pack {policy!r}; there are {', '.join(there)}, or name a folder with a pack.yml", param_hint="--policy"
    )


def _shown(figure: dict[str, Any], side: str) -> Any:
    status = figure[f"{side}_status"]
    if status is None:
        return "无"
    return "暂缓" if status != "published" else "—" if figure[side] is None else figure[side]
