"""The command about what the documents ask: clauses."""

from __future__ import annotations

import click

from pipelines.cli.shared import Look, as_json, print_json, print_table
from pipelines.settings import Settings

STATUS = {"served": "已落实", "open_setting": "待定参数没有设定", "not_yet": "尚未落实"}


@click.command(cls=Look)
@click.option("--pack", "name", metavar="PACK", help="One policy pack, such as menghai; all of them by default.")
@as_json
def clauses(name: str | None, as_json: bool) -> None:
    """Every clause of every document: what serves it, or why nothing does yet."""
    from pipelines.clauses import IN_ZH, serve, totals
    from pipelines.indicators import load_catalogue
    from pipelines.intake.contract import load_contracts
    from pipelines.policy import load_pack

    policies = Settings.load().policies
    there = sorted(path.parent.name for path in policies.glob("*/pack.yml"))
    if name and name not in there:
        raise click.BadParameter(f"no pack {name!r}; there are {', '.join(there)}", param_hint="--pack")
    packs = [load_pack(policies / pack) for pack in ([name] if name else there)]
    found = {pack.name: serve(pack, load_catalogue(), load_contracts()) for pack in packs}
    if as_json:
        print_json([{"pack": pack} | served.record() for pack, all_ in found.items() for served in all_])
        return
    for pack in packs:
        rows = []
        for served in found[pack.name]:
            record = served.record()
            by: dict[str, list[str]] = {}
            for kind, what in served.served_by:
                by.setdefault(IN_ZH[kind], []).append(what)
            words = "\n".join(f"{kind} {'、'.join(names)}" for kind, names in by.items())
            rows.append((record["id"], served.clause.subject_zh, STATUS[served.status], words, record["why_not"]))
        print_table(["条款", "内容", "状态", "由什么落实", "还缺什么"], rows, title=pack.title.zh)
    counted = {pack.title.zh: totals(found[pack.name]) for pack in packs}
    if len(packs) > 1:
        counted["合计"] = totals(served for all_ in found.values() for served in all_)
    print_table(["政策包", "条款", *STATUS.values()], [(title, *n.values()) for title, n in counted.items()])
