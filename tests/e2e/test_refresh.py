"""The refresh as the statistician runs it, with Dagster in process: corrections of past months, and the exit of the command."""

from __future__ import annotations

import csv
import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import cli
from pipelines.defs.refresh import refresh
from pipelines.intake.reader import read_table
from pipelines.release import list_releases, open_release
from pipelines.settings import Settings


@pytest.mark.slow
def test_a_correction_seals_its_month_and_the_later_ones_that_it_changed(sealed_home: Settings, tmp_path: Path) -> None:
    shutil.copytree(sealed_home.home, tmp_path / "home")
    settings = Settings(home=tmp_path / "home")
    [sent] = [p for p in (settings.landing / "2020-10").iterdir() if "培训转移" in p.name]
    rows = [
        ["" if cell is None else cell for cell in row]
        for row in read_table(sent.read_bytes(), sent.name)[0].rows.iter_rows()
    ]
    header = next(index for index, row in enumerate(rows) if "台账编号" in row)
    trained = next(index for index in range(header + 1, len(rows)) if rows[index][rows[header].index("结业日期")])
    del rows[trained]
    corrected = sent.with_name("培训台账_2020年10月（更正）.csv")
    with corrected.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    os.utime(corrected, (1612137600, 1612137600))  # 2021-02-01
    before = {r.name for r in list_releases(settings)}
    value = open_release(settings, "2020-10").figure("trained_person_times", "532822")["value"]

    done = refresh(settings, ["2020-10"], "2021-02-02T00:00:00Z")

    assert {r.name for r in list_releases(settings)} - before == {"2020-10/r2", "2020-11/r2", "2020-12/r3"}
    assert [s.is_new for s in done.sealed] == [True, True, True]
    assert open_release(settings, "2020-10").figure("trained_person_times", "532822")["value"] == value - 1
    for month in ("2020-10", "2020-11", "2020-12"):
        changes = open_release(settings, month).changes()
        assert all([s["file"] for s in c["submissions"]] == [corrected.name] for c in changes)
        assert ("trained_person_times", "532822") in {(c["indicator"], c["area"]) for c in changes}


def test_reading_verbs_print_what_the_design_promises(sealed_home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANGPIN_HOME", str(sealed_home.home))

    def read(*words: str) -> object:
        done = CliRunner().invoke(cli, [*words, "--json"], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return json.loads(done.output)

    figures = read("figures", "--month", "2017-12")
    assert isinstance(figures, list)
    keys = {
        "id",
        "indicator",
        "title",
        "area",
        "area_name",
        "period",
        "breakdown",
        "value",
        "unit",
        "numerator",
        "denominator",
    }
    assert all(keys | {"status", "clauses", "release"} <= set(figure) for figure in figures)
    printed = [
        f
        for f in figures
        if f["indicator"].endswith("_printed") and f["breakdown"].get("cause", "unknown") != "unknown"
    ]
    assert len(printed) == 36
    found = read("trace", "2017-12/r1/poor_households/532822", "--limit", "2")
    assert isinstance(found, dict)
    assert {"figure", "definition", "clauses", "contributions"} <= set(found)
    assert {"id", "doc_no", "quote"} <= set(found["clauses"][0])
    assert {"submission", "file", "sha256", "sheet", "row", "cells"} <= set(found["contributions"][0]["evidence"][0])
    sent = read("status", "--month", "2020-12")
    assert isinstance(sent, list)
    for entry in sent:
        assert {"extract", "department", "period", "state", "submissions"} <= set(entry)
        for submission in entry["submissions"]:
            rows = submission["rows"]
            assert rows["sheet"] == rows["accepted"] + rows["quarantined"] + rows["skipped"]
    gate = read("gate", "--month", "2019-06")
    assert isinstance(gate, dict)
    assert [f["rule"] for f in gate["findings"] if f["severity"] == "warning"].count("id_lost_digits") >= 1
    shown = read("release", "show", "2020-12/r2")
    assert isinstance(shown, dict) and shown["changes"]
    listed = read("release", "list")
    assert isinstance(listed, list) and len(listed) == 38


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["figures", "--month", "2031-01"], 2, "2031-01"),
        (["figures", "--month", "2020-13"], 2, "YYYY-MM"),
        (["figures", "--month", "2017-12", "--indicator", "nope"], 2, "poor_households"),
        (["trace", "nonsense"], 2, "period/rN/indicator/area"),
        (["gate"], 2, "--month"),
    ],
)
def test_wrong_usage_says_what_there_is(
    words: list[str],
    code: int,
    said: str,
    sealed_home: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    from pipelines.cli import main

    monkeypatch.setenv("FANGPIN_HOME", str(sealed_home.home))
    monkeypatch.setattr("sys.argv", ["fangpin", *words])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == code
    assert said in capfd.readouterr().err


def test_a_month_without_files_is_refused_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.cli import main

    monkeypatch.setenv("FANGPIN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("sys.argv", ["fangpin", "refresh", "--month", "2020-03"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
