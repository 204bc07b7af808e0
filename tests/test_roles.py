"""What each role may do: a leader and an auditor read; what changes the data folder is refused to them, here and on the pages."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner
from flask import Flask

from dashboards.app import app_over
from dashboards.data import Store
from pipelines.cli import cli
from pipelines.cli.shared import Look, Room

CHANGES = {
    "simulate", "refresh", "demo", "slip", "key rotate", "gate waive", "identity propose", "identity accept", "identity reject",
}  # fmt: skip


def commands(group: click.Group = cli, above: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command under a group by the words that call it."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            assert isinstance(command, Room), (
                f"{name}: what stands under it would be open to every role; make it a Room"
            )
            yield from commands(command, f"{above}{name} ")
        else:
            yield f"{above}{name}", command


def test_which_commands_change_something() -> None:
    assert isinstance(cli, Room)
    assert {name for name, command in commands() if not isinstance(command, Look)} == CHANGES


@pytest.mark.parametrize("role", ["leader", "auditor"])
def test_who_may_only_read_is_refused_every_command_that_changes(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANGPIN_ROLE", role)
    for name, command in commands():
        done = CliRunner().invoke(cli, [*name.split(), "--help"])
        assert (done.exit_code == 0) == isinstance(command, Look), name
        if name in CHANGES:
            assert "请由统计员执行" in done.stderr and role in done.stderr


@pytest.mark.parametrize("role", [None, "statistician"])
def test_the_statistician_may_all(role: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FANGPIN_ROLE", raising=False)
    if role:
        monkeypatch.setenv("FANGPIN_ROLE", role)
    assert all(CliRunner().invoke(cli, [*name.split(), "--help"]).exit_code == 0 for name, _ in commands())


def test_a_role_that_does_not_exist_may_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANGPIN_ROLE", "Auditor")
    done = CliRunner().invoke(cli, ["status", "--help"])
    assert done.exit_code == 2 and "不是角色" in done.stderr


def test_pages_answer_and_take_nothing() -> None:
    server = app_over(Store(list, lambda period, revision: None, lambda *_: {}, lambda *_: {})).server  # type: ignore[arg-type, return-value]
    assert isinstance(server, Flask)
    routes = {rule.rule: set(rule.methods or ()) - {"GET", "HEAD", "OPTIONS"} for rule in server.url_map.iter_rules()}
    assert {route for route, methods in routes.items() if methods} == {"/_dash-update-component"}  # asks for a page
    assert routes["/_dash-update-component"] == {"POST"}
