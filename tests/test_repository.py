"""The repository as a whole: what starting the command costs, and that the code location loads in Dagster."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("dagster", "dbt", "great_expectations", "pandas", "polars", "dash", "plotly")


def run(*command: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, env=os.environ | env, capture_output=True, text=True, check=False)


def test_the_command_starts_without_the_heavy_libraries() -> None:
    """`fangpin --help` must not cost the seconds that dagster, dbt and great_expectations take to import."""
    listing = f"import sys, pipelines.cli; print(*(m for m in {HEAVY} if m in sys.modules))"
    done = run(sys.executable, "-c", listing)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


@pytest.mark.parametrize("room", ["intake", "policy", "simulate", "gate", "release", "trace"])
def test_a_pure_room_runs_without_dagster(room: str) -> None:
    """Not only no import statement: nothing that the room imports brings Dagster in either."""
    listing = (
        "import importlib, pkgutil, sys\n"
        f"package = importlib.import_module('pipelines.{room}')\n"
        "for found in pkgutil.walk_packages(getattr(package, '__path__', []), package.__name__ + '.'):\n"
        "    importlib.import_module(found.name)\n"
        "print('dagster' in sys.modules)"
    )
    done = run(sys.executable, "-c", listing)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "False"


def test_the_readme_lists_the_commands_that_there_are() -> None:
    from pipelines.cli import cli

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = readme.partition("## Commands\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)(?=[ `])", listed, re.MULTILINE)) == set(cli.commands)


def test_the_readme_and_the_makefile_name_the_same_targets() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", readme, re.MULTILINE))
    assert {"demo", "test", "serve", "dagster", "bench"} <= named <= targets


def test_links_in_the_documents_lead_somewhere() -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    links = [(p, link) for p in pages for link in re.findall(r"\]\(([^)#:]+)", p.read_text(encoding="utf-8"))]
    assert [f"{page.name}: {link}" for page, link in links if not (page.parent / link).exists()] == []


@pytest.mark.slow
def test_dagster_accepts_the_workspace(tmp_path: Path) -> None:
    """`dagster definitions validate` reads workspace.yaml, which has one entry."""
    entries = [
        line
        for line in (ROOT / "workspace.yaml").read_text(encoding="utf-8").splitlines()
        if line.strip().startswith("- ")
    ]
    assert len(entries) == 1
    dagster = str(Path(sys.executable).parent / "dagster")
    done = run(dagster, "definitions", "validate", DAGSTER_HOME=str(tmp_path), FANGPIN_HOME=str(tmp_path / "data"))
    assert done.returncode == 0, done.stdout + done.stderr
