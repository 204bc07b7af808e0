"""Every notebook runs over a sealed county and shows what it promises."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from pipelines.settings import PROJECT, Settings

CAUSES = PROJECT / "notebooks" / "causes.ipynb"
TARGETS = PROJECT / "notebooks" / "targets.ipynb"
LINE = PROJECT / "notebooks" / "line.ipynb"


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


@pytest.mark.slow
def test_targets_are_counted_by_month_and_forecasts_held_against_what_came(
    sealed_home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = {cell.id: cell for cell in run(TARGETS, sealed_home.home, monkeypatch).cells}
    status, fan = (cells[name].outputs[-1]["data"]["application/vnd.plotly.v1+json"] for name in ("status", "fan"))
    assert [bar["name"] for bar in status["data"]] == ["已达标", "进度正常", "进度落后", "未知"]
    assert {len(bar["x"]) for bar in status["data"]} == {37}
    assert [line["name"] for line in fan["data"]] == ["预测", "区间下端", "区间上端", "实际"]
    assert "个目标×地区" in cells["held"].outputs[0]["text"]


@pytest.mark.slow
def test_raising_the_line_never_lowers_how_many_are_below(
    sealed_home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = {cell.id: cell for cell in run(LINE, sealed_home.home, monkeypatch).cells}
    [line] = cells["chart"].outputs[-1]["data"]["application/vnd.plotly.v1+json"]["data"]
    assert list(line["y"]) == sorted(line["y"]) and line["y"][0] < line["y"][-1]
    table = cells["moved"].outputs[-1]["data"]["text/plain"]
    assert "新增户" in table and "合计" in table
