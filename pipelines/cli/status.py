"""The command status: who has sent what for a month, every row accounted for, and what must be sent, mended or sent again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from pipelines.cli.shared import Look, as_json, month, open_pack, print_json, print_table
from pipelines.settings import Settings

STATES = {"refused": "退回", "missing": "未报", "late": "迟报", "on_time": "按时"}  # what needs doing first
ROWS = ("sheet", "accepted", "quarantined", "skipped")
NAMED = 4  # areas without a file that a line names


@click.command(cls=Look)
@month
@as_json
def status(month: str, as_json: bool) -> None:
    """Who has sent what: received, late, missing, refused, revised, with every row accounted for.

    One block per sender, those with something missing or refused first; what to do about it at the end.
    """
    from pipelines.intake.contract import load_contracts
    from pipelines.intake.ledger import Ledger
    from pipelines.intake.slips import SKIPPED, slips_of
    from pipelines.intake.status import status as read

    settings = Settings.load()
    pack = open_pack(settings)
    found = read(Ledger(settings.ledger), load_contracts(), pack, month, slips_of(settings.slips, month))
    if as_json:
        print_json(found)
        return
    senders: dict[str, list[dict[str, Any]]] = {}
    for record in _without_files_as_one(found):
        senders.setdefault(_sender(record, pack.area), []).append(record)
    order = list(STATES)
    blocks = sorted(senders.items(), key=lambda block: min(order.index(_standing(r)) for r in block[1]))
    print_table(
        ["报送单位和上报数据", "状态", "上报件", "收到", "行数", "采用", "退回", "略过", "问题", "文件"],
        [line for sender, records in blocks for line in _lines(sender, records, order)],
        title=f"{month} 上报情况（行数 = 采用 + 退回 + 略过）",
    )
    _totals(found, SKIPPED)
    _to_do(found, pack.area)


def _sender(record: Mapping[str, Any], county: str) -> str:
    """Who sends it: the department, or the township or village itself where each owes its own."""
    name = record["department_name"] or "报送单位不明"
    return str(name if record["area"] == county or record.get("areas", 1) > 1 else record["area_name"])


def _standing(record: Mapping[str, Any]) -> str:
    """The state, and ``refused`` where a correction was refused after a file that stands: it is awaited again."""
    sent = record["submissions"]
    return "refused" if sent and sent[-1]["state"] == "refused" else str(record["state"])


def _without_files_as_one(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records; those of an extract and state that have no files of their own as one where there are many areas."""
    alike: dict[Any, list[dict[str, Any]]] = {}
    for number, record in enumerate(records):
        alike.setdefault(number if record["submissions"] else (record["extract"], record["state"]), []).append(record)
    found = []
    for group in alike.values():
        if len(group) <= NAMED:
            found += group
        else:
            names = "、".join(record["area_name"] for record in group[:NAMED])
            found.append(group[0] | {"area_name": f"{names}等 {len(group)} 个", "areas": len(group)})
    return found


def _lines(sender: str, records: Sequence[dict[str, Any]], order: Sequence[str]) -> Iterator[Sequence[Any]]:
    """A block of the table: the sender, then its extracts, those in trouble first."""
    yield (sender, *[""] * 9)
    for record in sorted(records, key=lambda r: order.index(_standing(r))):
        title = "　" + record["title"] + (f"（{record['area_name']}）" if record.get("areas", 1) > 1 else "")
        state = STATES[record["state"]]
        if not record["submissions"]:
            yield (title, f"{state}（随全县表）" if record["covered_by"] else state, *[""] * 8)
        for s in record["submissions"]:
            again = f"（第{s['revision']}次）" if s["revision"] > 1 and record["extract"] else ""
            shown = "退回" if s["state"] == "refused" else state if state != "退回" else "采用"
            yield (
                title,
                shown,
                f"{s['submission']}{again}",
                _day(s["received_at"]),
                *(s["rows"][k] for k in ROWS),
                s["findings"] or "",
                s["file"],
            )


def _day(moment: str) -> str:
    """The day in China of an ISO time in UTC."""
    from pipelines.intake.status import CHINA

    return datetime.fromisoformat(moment).astimezone(CHINA).strftime("%Y-%m-%d")


def _totals(found: Sequence[Mapping[str, Any]], skipped_words: Mapping[str, str]) -> None:
    """The sums of the month: extracts by state, files, rows."""
    states = Counter(_standing(record) for record in found if record["extract"])
    sent = [s for record in found for s in record["submissions"]]
    rows = {key: sum(s["rows"][key] for s in sent) for key in ROWS}
    skipped: Counter[str] = Counter()
    for s in sent:
        skipped.update(s["skipped"])
    why = "、".join(f"{skipped_words.get(reason, reason)} {n:,}" for reason, n in skipped.most_common())
    click.echo(
        f"应报和收到 {sum(states.values())} 项：" + "，".join(f"{word} {states[s]}" for s, word in STATES.items())
    )
    refused = sum(s["state"] == "refused" for s in sent)
    click.echo(f"收到 {len(sent)} 个文件，整件退回 {refused} 个，有问题要改的 {sum(bool(s['slip']) for s in sent)} 个")
    click.echo(
        f"合计 {rows['sheet']:,} 行 = 采用 {rows['accepted']:,} + 退回 {rows['quarantined']:,} + 略过 {rows['skipped']:,}"
        + (f"（{why}）" if why else "")
    )


def _to_do(found: Sequence[dict[str, Any]], county: str) -> None:
    """What a clerk asks for: extracts to urge, files to send back with their slips."""
    missing = [r for r in _without_files_as_one(found) if r["state"] == "missing"]
    if missing:
        click.echo("\n催报：")
    for record in missing:
        due = f"，期限 {record['deadline']}" if record["deadline"] else ""
        area = f"（{record['area_name']}）" if record.get("areas", 1) > 1 else ""
        click.echo(f"  {_sender(record, county)}《{record['title']}》{area}{due}")
    back = [(record, s) for record in found for s in record["submissions"] if s["slip"] or s["state"] == "refused"]
    if back:
        click.echo("\n退回改正（逐行问题看 fangpin slip 上报件号）：")
    for record, s in sorted(back, key=lambda item: item[1]["state"] == "accepted"):
        superseded = max(other["submission"] for other in record["submissions"]) > s["submission"]
        what = (
            "整件退回" if s["state"] == "refused" else f"退回 {s['rows']['quarantined']} 行，共 {s['findings']} 处问题"
        )
        click.echo(
            f"  {s['submission']}  {s['file']}：{what}" + ("（后来又报过）" if superseded and record["extract"] else "")
        )
        if s["reason"]:
            click.echo(f"      原因：{s['reason']}")
        if s["slip"]:
            click.echo(f"      退回单：{s['slip']}")
