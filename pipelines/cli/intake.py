"""Commands about what departments send: slip, contract, key."""

from __future__ import annotations

from collections.abc import Sequence

import click

from pipelines.cli.shared import (
    SEVERITIES,
    Look,
    Refused,
    Room,
    as_json,
    open_pack,
    print_json,
    print_table,
    progress_bar,
)
from pipelines.settings import Settings

LISTED = 200  # findings on a screen; the slip has them all


@click.command()
@click.argument("submission", type=click.IntRange(min=1))
@as_json
def slip(submission: int, as_json: bool) -> None:
    """Write the return slip of a submission again (its number is in fangpin status), say where it lies, list what is in it."""
    from dataclasses import asdict

    from pipelines.intake.contract import load_contracts
    from pipelines.intake.ledger import Ledger
    from pipelines.intake.receive import return_slip

    settings = Settings.load()
    try:
        path = return_slip(settings, open_pack(settings), load_contracts(), submission)
    except KeyError:
        raise click.BadParameter(f"no submission {submission}", param_hint="SUBMISSION") from None
    with Ledger(settings.ledger) as ledger:
        file, findings = ledger.submission(submission).file, ledger.findings(submission=submission)
    if as_json:
        print_json({"submission": submission, "slip": path and str(path), "findings": [asdict(f) for f in findings]})
        return
    if findings:
        print_table(
            ["级别", "工作表", "行", "列", "内容", "问题", "如何改正"],
            [
                (SEVERITIES[f.severity], f.sheet, str(f.row or ""), f.column, f.found, f.message, f.remedy)
                for f in findings[:LISTED]
            ],
            title=f"{submission} {file}：{len(findings)} 处问题"
            + (f"，列出前 {LISTED} 处" if len(findings) > LISTED else ""),
        )
    click.echo(str(path) if path else f"第 {submission} 号上报件没有要退回改正的问题。")


@click.group("key", cls=Room)
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


@click.group("contract", cls=Room)
def contracts_group() -> None:
    """Contracts: what each department's table must look like."""


@contracts_group.command("draft", cls=Look)
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
