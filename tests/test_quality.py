"""What the checks of a build found, on its way to the gate."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.findings import Finding
from pipelines.indicators import load_catalogue
from pipelines.intake.ledger import Ledger, Submission
from pipelines.quality import RanTest, UnplacedTestError, accepted_files, findings_of_tests, intake_findings, keep, kept
from pipelines.settings import Settings

META = {"message": "各致贫原因户数之和不等于总户数", "remedy": "请核对", "extracts": ["hh_register"]}


@pytest.fixture
def candidate() -> duckdb.DuckDBPyConnection:
    """Two built months; March needs the household register of March."""
    con = duckdb.connect()
    con.execute(
        """
        create schema build;
        create table build.period as select unnest(['2020-02', '2020-03']) as period;
        create table build.run as select '2020-05-01T00:00:00Z' as as_of;
        create table build.needed as select 'poor_households' as indicator, '2020-03' as period, 'hh_register' as extract,
            '2020-03' as needed_period;
        create table build.binding (submission INTEGER, extract VARCHAR, period VARCHAR);
        """
    )
    return con


def found(con: duckdb.DuckDBPyConnection, sql: str, failures: int = 1, **meta: object) -> list[Finding]:
    return findings_of_tests(con, load_catalogue(), [RanTest("sums_add_up", failures, sql, META | meta)])


def test_a_passing_test_finds_nothing(candidate):
    assert found(candidate, "select 1 where false", failures=0) == []


def test_offenders_are_placed_by_their_month_and_area(candidate):
    sql = "select '2020-03' as period, unnest(['532822', '532822100', '532822100']) as area_code"
    assert [(f.period, f.area, f.extract, f.severity) for f in found(candidate, sql, failures=3)] == [
        ("2020-03", "532822", "hh_register", "error"),
        ("2020-03", "532822100", "hh_register", "error"),
    ]


def test_offenders_without_a_place_count_for_every_built_month_and_the_whole_county(candidate):
    assert [(f.period, f.area) for f in found(candidate, "select 7 as times")] == [("2020-02", None), ("2020-03", None)]


def test_indicators_are_named_together_and_all_means_all(candidate):
    sql = "select '2020-03' as period"
    (named,) = found(candidate, sql, extracts=None, indicators=["poor_households"])
    (every,) = found(candidate, sql, extracts=None, indicators="all", severity="warning")
    assert (named.indicators, named.extract) == (("poor_households",), None)
    assert set(every.indicators) == set(load_catalogue().indicators)
    assert every.severity == "warning"


def test_a_test_by_row_gives_a_finding_at_the_place_of_each_row(candidate):
    candidate.execute(
        """
        drop table build.binding;
        create table build.binding as
        select 7 as submission, 'public_security' as department, 'person_register' as extract, '人员.csv' as file, '["人员"]' as sheets
        """
    )
    sql = """
        select '2020-03' as period, '532822100' as area_code, 700100000012 as source, 700100000004 as other_source, null as times
        union all select '2020-03', null, 700100000009, null, 3
    """
    two, three = found(candidate, sql, failures=2, extracts=None, by_row=True, severity="warning")
    assert (two.file, two.sheet, two.row, two.area) == ("人员.csv", "人员", 12, "532822100")
    assert (two.department, two.extract, two.submission) == ("public_security", "person_register", 7)
    assert "另见 人员.csv，工作表“人员”第 4 行" in two.message
    assert (three.row, three.area) == (9, None)
    assert "3行" in three.message


def test_a_test_that_does_not_say_what_it_withholds_is_refused_even_when_it_passes(candidate):
    with pytest.raises(UnplacedTestError, match="sums_add_up"):
        found(candidate, "select 1 where false", failures=0, extracts=None)


def submission(number: int, period: str, received_at: str = "2020-04-05T00:00:00+00:00") -> Submission:
    return Submission(
        number=number, extract="hh_register", department="poverty_office", period=period, area="532822", revision=1,
        file="户.csv", sha256=f"{number:064x}", suffix=".csv", bytes=1, received_at=received_at, state="accepted", reason="",
        rows_sheet=1, rows_accepted=1, rows_quarantined=0, rows_skipped=0, skipped={}, sheets=["户"],
        headers={"1": [[0, "户编号", "hh_id", True], [1, "备注", None, False]]}, contract_sha256="",
    )  # fmt: skip


def finding(number: int, period: str) -> Finding:
    return Finding("intake", "rule", "", "warning", "", extract="hh_register", period=period, submission=number)


def test_only_what_the_figures_need_and_what_had_come_is_gathered(candidate, tmp_path):
    settings = Settings(tmp_path)
    with Ledger(settings.ledger) as ledger:
        for number, period, received in (
            (1, "2020-03", "2020-04"),
            (2, "2020-02", "2020-04"),
            (3, "2020-03", "2020-06"),
        ):
            ledger.record(submission(number, period, f"{received}-05T00:00:00+00:00"), [finding(number, period)])
    assert [f.submission for f in intake_findings(settings, candidate)] == [1]


def test_the_month_before_is_handed_over_to_compare_with(candidate, tmp_path):
    settings = Settings(tmp_path)
    with Ledger(settings.ledger) as ledger:
        for number, period in ((1, "2020-01"), (2, "2020-02"), (3, "2020-03")):
            ledger.record(submission(number, period), [])
    candidate.executemany(
        "insert into build.binding values (?, 'hh_register', ?)", [(1, "2020-01"), (2, "2020-02"), (3, "2020-03")]
    )
    before, judged = accepted_files(settings, candidate)
    assert (before.period, before.judged, judged.period, judged.judged) == ("2020-02", False, "2020-03", True)
    assert judged.headers == {"hh_id": "户编号"}
    assert Path(judged.path).name == "3.parquet"


def test_findings_are_kept_between_jobs_as_they_are(tmp_path):
    findings = [finding(1, "2020-03"), Finding("dbt", "r", "话", "error", "法", indicators=("a", "b"))]
    keep(tmp_path / "checks" / "dbt.json", findings)
    assert kept(tmp_path / "checks" / "dbt.json") == findings
