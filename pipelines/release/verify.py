"""Whether a release still is what was sealed: its files, its inputs, and its figures added up anew from its own tables."""

from __future__ import annotations

import hashlib
from decimal import Decimal

from pipelines.intake.archive import ArchiveError, received
from pipelines.release.read import Release
from pipelines.settings import Settings


def verify(settings: Settings, release: Release) -> list[str]:
    """Every fault found, in words; an empty list means that the release is whole.

    Hashes each file of the release against the manifest and each input in the archive against its sha256, and adds the
    contributions of every published additive figure up again.
    """
    return [*_files(release), *_inputs(settings, release), *_sums(release)]


def _files(release: Release) -> list[str]:
    sealed = release.manifest["files"]
    there = {
        str(p.relative_to(release.path)): p
        for p in release.path.rglob("*")
        if p.is_file() and p.name != "manifest.json"
    }
    faults = [f"{release.name}/{name}：文件不见了" for name in sorted(set(sealed) - set(there))]
    faults += [f"{release.name}/{name}：封存时没有这个文件" for name in sorted(set(there) - set(sealed))]
    for name in sorted(set(sealed) & set(there)):
        if hashlib.sha256(there[name].read_bytes()).hexdigest() != sealed[name]:
            faults.append(f"{release.name}/{name}：内容与封存时不同")
    return faults


def _inputs(settings: Settings, release: Release) -> list[str]:
    faults = []
    for source in release.sources():
        try:
            received(settings, source["sha256"], source["suffix"])
        except ArchiveError as error:
            faults.append(f"上报件 {source['submission']}（{source['file']}）：{error}")
    return faults


def _sums(release: Release) -> list[str]:
    definitions = release.definitions["indicators"]
    sums: dict[tuple[str, str, str], Decimal] = {}
    with release.tables(*release.topics) as con:
        for topic in release.topics:
            rows = con.execute(
                f"""
                select c.indicator, a.ancestor, c.breakdown, sum(c.numerator)
                from main."{topic}" as c join policy.area_closure as a on a.descendant = c.area_code
                where {release.counted}
                group by all
                """
            ).fetchall()
            sums |= {row[:3]: row[3] for row in rows}
    published = release.frame.filter(release.frame["status"] == "published")
    return [
        f"{row['id']}：发布 {row['value']}，由贡献明细相加得 {sums.get(key) or 0}"
        for row in published.iter_rows(named=True)
        if definitions[row["indicator"]]["kind"] == "additive"
        and row["value"] != (sums.get(key := (row["indicator"], row["area"], row["breakdown"])) or 0)
    ]
