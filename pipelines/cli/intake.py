"""Commands about what departments send: status, slip, contract, key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from pipelines.cli.shared import Refused, as_json, month, open_pack, print_json, print_table, progress_bar
from pipelines.settings import Settings

_NAMED = 4  # areas without a file that a line names


@click.command()
@month
@as_json
def status(month: str, as_json: bool) -> None:
    """Who has sent what: received, late, missing, refused, revised, with every row accounted for."""
    from pipelines.intake.contract import load_contracts
    from pipelines.intake.ledger import Ledger
    from pipelines.intake.slips import slips_of
    from pipelines.intake.status import status as read

    settings = Settings.load()
    pack, contracts = open_pack(settings), load_contracts()
    found = read(Ledger(settings.ledger), contracts, pack, month, slips_of(settings.slips, month))
    if as_json:
        print_json(found)
        return
    words = {"on_time": "按时", "late": "迟报", "missing": "未报", "refused": "退回"}
    rows: list[Sequence[Any]] = []
    for entry in _by_state(found):
        title = contracts[entry["extract"]].title.zh if entry["extract"] else "（不认识的文件）"
        department = (
            entry["department"]
            if entry["department"] not in pack.departments
            else pack.department_name(entry["department"], month)
        )
        for s in entry["submissions"] or [None]:
            if s is None:
                rows.append((title, department, entry["area_name"], words[entry["state"]], *[""] * 8))
            else:
                r = s["rows"]
                rows.append(
                    (title, department, entry["area_name"], words[entry["state"]], s["submission"], f"r{s['revision']}",
                     s["file"], s["received_at"][:16], r["sheet"], r["accepted"], r["quarantined"], r["skipped"])
                )  # fmt: skip
    print_table(
        ["上报数据", "部门", "地区", "状态", "上报件", "版本", "文件", "收到（UTC）", "行数", "采用", "隔离", "略过"],
        rows,
        title=f"{month} 上报情况（行数 = 采用 + 隔离 + 略过）",
    )
    for entry in found:
        for s in entry["submissions"]:
            if s["reason"]:
                click.echo(f"{s['file']}：{s['reason']}")
            if s["slip"]:
                click.echo(f"{s['file']}：退回单 {s['slip']}")


def _by_state(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records, those of an extract and state that have no files of their own as one, with their areas' names together."""
    alike: dict[Any, list[dict[str, Any]]] = {}
    for number, record in enumerate(records):
        key = number if record["submissions"] else (record["extract"], record["state"])
        alike.setdefault(key, []).append(record)
    found = []
    for group in alike.values():
        names = [record["area_name"] for record in group]
        more = f"等 {len(names)} 个" if len(names) > _NAMED else ""
        found.append(group[0] | {"area_name": "、".join(names[:_NAMED]) + more})
    return found


@click.command()
@click.argument("submission", type=click.IntRange(min=1))
@as_json
def slip(submission: int, as_json: bool) -> None:
    """Write the return slip of a submission again (its number is in fangpin status) and say where it lies."""
    from pipelines.intake.contract import load_contracts
    from pipelines.intake.receive import return_slip

    settings = Settings.load()
    try:
        path = return_slip(settings, open_pack(settings), load_contracts(), submission)
    except KeyError:
        raise click.BadParameter(f"no submission {submission}", param_hint="SUBMISSION") from None
    if as_json:
        print_json({"submission": submission, "slip": path and str(path)})
    else:
        click.echo(str(path) if path else f"第 {submission} 号上报件没有要退回改正的问题。")


@click.group("key")
def keys() -> None:
    """The master key of the personal data."""


@keys.command("rotate")
def key_rotate() -> None:
    """Encrypt vault and archive under a new master key: FANGPIN_NEW_KEY, or a new key file where the key lies in one."""
    from pipelines.intake.rotation import rotate

    settings = Settings.load()
    bar, move = progress_bar()
    with bar:
        done = rotate(settings, progress=lambda share: move("重新加密", share))
    click.echo(f"已换用第 {done.generation} 把钥匙：重新加密存档 {done.files} 件、保管库 {done.entries} 条；化名不变。")
    click.echo(
        f"新钥匙在 {settings.key_file}，请另处备份。"
        if done.key_file
        else "从现在起把 FANGPIN_KEY 设为 FANGPIN_NEW_KEY 的值，并重启正在运行的服务。"
    )
    click.echo("旧钥匙只用于打开以前的备份；与数据分开保管，不再需要时销毁（见 docs/personal-data.md）。")


@click.group("contract")
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
        print_json({
            "tables": [t.as_record() for t in tables], "contract": drafted[0] if drafted else None, "contracts": drafted,
        })  # fmt: skip
    else:
        print_table(
            ["工作表", "表头行", "数据行", "数据行数", "合计行", "分段行", "备注行", "列"],
            [
                (t.sheet, _rows(t.header_rows), _rows(t.data_rows), len(t.data_rows), _rows(t.total_rows),
                 _rows(t.section_rows), _rows(t.note_rows), "、".join(t.columns))
                for t in tables
            ],
            title=f"{path.name}：{len(tables)} 张表（行号与 Excel 相同）",
        )  # fmt: skip
        for contract in drafted:
            todo = "请改好 extract（与文件名相同）、department、各列 name 和“待填”处"
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
