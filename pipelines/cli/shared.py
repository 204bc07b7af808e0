"""What the commands share: kinds of arguments, common options, opening things by the names people type, printing."""

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


ROLES = {"statistician": "统计员", "leader": "领导", "auditor": "审计"}


class Look(click.Command):
    """A command that changes nothing in the data folder: every role may give it. All others are the statistician's."""


class Room(click.Group):
    """A group of commands that hands out no more than the role may give: what is no ``Look`` is refused to who may only read."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        role = Settings.load().role
        if role not in ROLES:
            raise click.UsageError(f"FANGPIN_ROLE={role!r} 不是角色；请设为 {'、'.join(ROLES)} 之一，不设即为统计员")
        if role != "statistician" and not isinstance(command, (Look, Room)):
            words = f"当前角色是{ROLES[role]}（FANGPIN_ROLE={role}），只能查看；{name} 会改动数据文件夹，请由统计员执行"
            raise click.UsageError(words)
        return name, command, rest


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
SEVERITIES = {"error": "错误", "warning": "提醒", "note": "备注"}
as_json = click.option("--json", "as_json", is_flag=True, help="Print the same facts as JSON.")
month = click.option("--month", required=True, type=OneMonth(), metavar="YYYY-MM")
release_option = click.option(
    "--release", "revision", metavar="rN", help="A revision such as r1; the latest by default."
)

area_or_all = click.option(
    "--area", metavar="CODE", help="An area's code, or 'all'; the whole jurisdiction by default."
)


def now() -> str:
    """The time, UTC, in ISO seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: TID251 the clock is read here and handed in


def print_json(content: Any) -> None:
    """Print plain values as JSON."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=1))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str | None = None) -> None:
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
    console = Console(width=None if sys.stdout.isatty() else 180, highlight=False)
    console.print(table)


def cut_title(release: Any, figure: dict[str, Any]) -> str:
    """What the figure's breakdown value is called."""
    breakdown = "".join(f"{dim}={value}" for dim, value in figure["breakdown"].items())
    title: str = release.breakdown_title(figure["indicator"], breakdown)
    return title


def shown_value(release: Any, figure: dict[str, Any]) -> str:
    """The value with the decimals of its indicator; a withheld one says so."""
    if figure["status"] != "published":
        return "暂缓"
    decimals = release.definitions["indicators"][figure["indicator"]]["decimals"]
    return "—" if figure["value"] is None else f"{figure['value']:,.{decimals}f}"


def open_pack(settings: Settings) -> Any:
    """The policy pack of the installation."""
    from pipelines.policy import load_pack

    return load_pack(settings.policy_dir)


def revision_number(text: str | None) -> int | None:
    """``r2`` as 2; None stays None."""
    if text is None:
        return None
    if not text.removeprefix("r").isdecimal():
        raise click.BadParameter(f"{text!r} is not a revision; write r1")
    return int(text.removeprefix("r"))


def open_month(settings: Settings, period: str, revision: str | None) -> Any:
    """The release of a month, the latest where no revision is given."""
    from pipelines.release import open_release

    return open_release(settings, period, revision_number(revision))


def chosen_area(release: Any, area: str | None) -> str | None:
    """The area that ``area_or_all`` means in a release: its code, or None for all."""
    if area == "all":
        return None
    if area and area not in release.area_names:
        raise click.BadParameter(f"no area {area!r} in {release.name}", param_hint="--area")
    return area or str(release.definitions["pack"]["area"])


def open_named(settings: Settings, name: str) -> Any:
    """The release called ``2020-12/r2``; the latest of the month without ``/rN``."""
    period, _, revision = name.partition("/")
    return open_month(settings, OneMonth().convert(period, None, None), revision or None)


def progress_bar() -> tuple[Any, Callable[[str, float], None]]:
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
