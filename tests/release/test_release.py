"""A release is whole, the same for the same input, and outlives corrections."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb
import pytest

from pipelines.indicators import load_catalogue
from pipelines.intake.archive import received
from pipelines.policy import load_pack
from pipelines.release import ReleaseError, figure_key, list_releases, open_release, seal
from pipelines.settings import Settings
from pipelines.trace import trace
from tests.conftest import rebuilt

DOCUMENT = {  # 海发〔2018〕18号 二（一）1
    "illness": (157, 542, 19.72, 21.64),
    "labour_shortage": (99, 267, 12.44, 10.66),
    "skill_shortage": (174, 584, 21.86, 23.31),
    "disability": (41, 138, 5.15, 5.51),
    "fund_shortage": (7, 25, 0.88, 1.00),
    "low_motivation": (255, 732, 32.04, 29.22),
    "schooling": (20, 81, 2.51, 3.23),
    "poor_transport": (7, 24, 0.88, 0.96),
    "land_shortage": (36, 112, 4.52, 4.47),
}
FOUR = ("poor_households", "poor_persons", "poor_household_share", "poor_person_share")


def reseal(settings: Settings, month: str, as_of: str) -> None:
    with rebuilt(settings, month, as_of) as con:
        seal(settings, load_pack(settings.policy_dir), load_catalogue(), con, [month], as_of)


def test_the_same_input_gives_the_same_bytes(workshop: Settings) -> None:
    def bytes_of() -> dict[str, str]:
        release = open_release(workshop, "2020-03")
        files = (p for p in release.path.rglob("*") if p.is_file())
        return {str(p.relative_to(release.path)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}

    import shutil

    reseal(workshop, "2020-03", "2021-01-20T00:00:00Z")
    first = bytes_of()
    shutil.rmtree(workshop.releases)
    reseal(workshop, "2020-03", "2021-01-20T00:00:00Z")
    assert bytes_of() == first
    assert len(first) > 10


def test_sealing_again_without_a_change_makes_no_release(workshop: Settings) -> None:
    reseal(workshop, "2020-12", "2021-01-20T00:00:00Z")
    reseal(workshop, "2020-12", "2021-01-21T00:00:00Z")
    assert [r.name for r in list_releases(workshop)] == ["2020-12/r1"]
    reseal(workshop, "2020-12", "2021-01-26T00:00:00Z")
    assert [r.name for r in list_releases(workshop)] == ["2020-12/r1", "2020-12/r2"]


def test_a_manifest_holds_the_hash_of_every_file_and_every_input(sealed_home: Settings) -> None:
    for release in list_releases(sealed_home)[-2:]:
        files = {str(p.relative_to(release.path)) for p in release.path.rglob("*") if p.is_file()}
        assert files - {"manifest.json"} == set(release.manifest["files"])
        for name, sha256 in release.manifest["files"].items():
            assert hashlib.sha256((release.path / name).read_bytes()).hexdigest() == sha256
        for given in release.manifest["inputs"]:
            data = received(sealed_home, given["sha256"], Path(given["file"]).suffix.lower())
            assert hashlib.sha256(data).hexdigest() == given["sha256"]


def test_a_correction_shows_old_and_new_and_who_changed_it(sealed_home: Settings) -> None:
    r1, r2 = open_release(sealed_home, "2020-12", 1), open_release(sealed_home, "2020-12", 2)
    changes = r2.changes()
    assert r2.manifest["supersedes"] == r1.name
    assert changes
    for change in changes:
        cut = change["breakdown"]
        assert r1.figure(change["indicator"], change["area"], cut)["value"] == change["old_value"]
        assert r2.figure(change["indicator"], change["area"], cut)["value"] == change["new_value"]
        assert len(change["submissions"]) == 1
    corrected = {s["extract"] for change in changes for s in change["submissions"]}
    assert corrected == {"med_settlement", "fund_voucher"}
    same = {(c["indicator"], c["area"], c["breakdown"]) for c in changes}
    old = {(f["indicator"], f["area"], str(f["breakdown"])): f["value"] for f in r1.figures()}
    for figure in r2.figures():
        cut = "=".join(next(iter(figure["breakdown"].items()), ()))
        if (figure["indicator"], figure["area"], cut) not in same:
            assert figure["value"] == old[figure["indicator"], figure["area"], str(figure["breakdown"])]


def test_a_corrected_release_still_traces_to_the_file_it_was_made_from(sealed_home: Settings) -> None:
    pages = [trace(sealed_home, f"2020-12/r{n}/warned_households/532822/rule=mh20_self_paid", 1000) for n in (1, 2)]
    files = [
        {e["file"] for c in page["contributions"] for e in c["evidence"] if e["extract"] == "med_settlement"}
        for page in pages
    ]
    assert files[0] and files[1] and not files[0] & files[1]
    for page in pages:
        assert (
            page["totals"]["numerator"] == page["figure"]["value"] == sum(c["numerator"] for c in page["contributions"])
        )


@pytest.mark.parametrize("cause", DOCUMENT)
def test_the_printed_table_comes_out_as_the_document_says(sealed_home: Settings, cause: str) -> None:
    release = open_release(sealed_home, "2017-12")
    found = [release.figure(f"{code}_printed", "532822", f"cause={cause}") for code in FOUR]
    assert tuple(f["value"] for f in found) == DOCUMENT[cause]
    assert {f["status"] for f in found} == {"published"}


def test_nothing_in_a_release_or_raw_is_an_id_or_a_name(sealed_home: Settings) -> None:
    import re

    release = open_release(sealed_home, "2020-12")
    tables = [*release.path.rglob("*.parquet"), *sealed_home.raw.rglob("*.parquet")]
    id_number = re.compile(r"532822(19|20)\d{9}[\dX]")
    with duckdb.connect() as con:
        for path in tables:
            text = json.dumps(
                con.execute("select * from read_parquet(?) limit 2000", [str(path)]).fetchall(), default=str
            )
            assert not id_number.search(text), path


def test_a_wrong_id_or_release_says_what_there_is(sealed_home: Settings) -> None:
    with pytest.raises(ReleaseError, match="period/rN/indicator/area"):
        figure_key("poor_households")
    with pytest.raises(ReleaseError, match="2020-12/r2"):
        open_release(sealed_home, "2031-01")
    with pytest.raises(ReleaseError, match="poor_households/1"):
        open_release(sealed_home, "2017-12").figure("poor_households", "1")


def test_what_is_counted_since_the_plan_began_never_falls_from_month_to_month(sealed_home: Settings) -> None:
    latest = {release.period: release for release in list_releases(sealed_home)}
    definitions = latest["2020-12"].definitions["indicators"]
    counted = {code for code, about in definitions.items() if about["window"] == "plan"}
    before: dict[tuple[str, str], float] = {}
    grown = set()
    for _, release in sorted(latest.items()):
        for figure in release.figures(area=release.definitions["pack"]["area"]):
            key = (figure["indicator"], str(figure["breakdown"]))
            if figure["indicator"] in counted and figure["value"] is not None:
                assert figure["value"] >= before.get(key, 0), (release.name, key)
                grown |= {figure["indicator"]} if figure["value"] > before.get(key, 0) else set()
                before[key] = figure["value"]
    assert {"trained_person_times", "transferred_person_times", "trained_persons"} <= grown
