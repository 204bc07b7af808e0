"""Every notebook runs over a sealed county and shows what it promises."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from pipelines.settings import PROJECT, Settings

CAUSES = PROJECT / "notebooks" / "causes.ipynb"


def run(path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> nbformat.NotebookNode:
    monkeypatch.setenv("FANGPIN_HOME", str(home))
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(PROJECT)}}
    ).execute()
    return notebook


@pytest.mark.parametrize("path", sorted((PROJECT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    assert [cell.id for cell in cells if cell.get("outputs") or cell.get("execution_count")] == []


@pytest.mark.slow
def test_the_cause_trend_has_a_line_for_every_cause(sealed_home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = run(CAUSES, sealed_home.home, monkeypatch)
    chart = notebook.cells[-1].outputs[-1]["data"]["application/vnd.plotly.v1+json"]
    assert len(chart["data"]) == 9
    assert {len(line["x"]) for line in chart["data"]} == {37}
