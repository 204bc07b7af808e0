"""The cells of source rows as the archived files have them, personal ones masked. Nothing else shows cells of a file."""

from __future__ import annotations

from typing import Any

from pipelines.intake.address import unpack
from pipelines.intake.archive import received
from pipelines.intake.check import headers_at
from pipelines.intake.reader import Sheet, cells_of, read_table
from pipelines.release import Release
from pipelines.settings import Settings

MASK = "●●●"


class Cells:
    """Source rows of one release as found in the archived files, read once per file."""

    def __init__(self, settings: Settings, release: Release) -> None:
        self.settings = settings
        self.sources = {s["submission"]: s for s in release.sources()}
        self.tables: dict[int, list[Sheet]] = {}
        links = release.manifest.get("links", [])  # none in releases sealed before there were links
        self.links = {(k["submission"], k["sheet"], k["row"]): k for k in links}

    def rows(self, evidence: list[int]) -> list[dict[str, Any]]:
        """The rows behind a list of packed addresses, each with its cells under the file's own headers.

        ``linked`` says which proposal names the person of a row, who accepted it and when; None where the row says it itself.
        """
        by_file: dict[int, list[tuple[int, int]]] = {}
        for packed in evidence:
            submission, sheet, row = unpack(packed)
            by_file.setdefault(submission, []).append((sheet, row))
        found = []
        for submission, wanted in by_file.items():
            source = self.sources[submission]
            sha256 = source["sha256"]
            if submission not in self.tables:
                data = received(self.settings, sha256, source["suffix"])
                self.tables[submission] = read_table(data, source["file"])
            cells = cells_of(self.tables[submission], source["file"], wanted)
            for sheet, row in wanted:
                headers = headers_at(source["headers"], sheet, row)
                found.append(
                    {
                        "submission": submission,
                        "extract": source["extract"],
                        "period": source["period"],
                        "file": source["file"],
                        "sha256": sha256,
                        "sheet": source["sheets"][sheet - 1],
                        "row": row,
                        "linked": self.links.get((submission, sheet, row)),
                        "cells": {
                            header: MASK if personal else cells[sheet, row][index]
                            for index, header, _, personal in headers
                        },
                    }
                )
        return found
