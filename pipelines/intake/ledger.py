"""The ledger of what was received: submissions, what intake found in them, and what people decided about it. SQLite, one file.

Only what was received and said about it belongs here; rows of data do not.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from pipelines.findings import Finding

UNRECOGNISED = "unrecognised"
_WAIT_SECONDS = 60

_TABLES = """
create table if not exists submission (
    number integer primary key,
    extract text,
    department text not null,
    period text not null,
    area text not null,
    revision integer not null,
    file text not null,
    sha256 text not null,
    suffix text not null,
    bytes integer not null,
    received_at text not null,
    state text not null check (state in ('accepted', 'refused')),
    reason text not null,
    rows_sheet integer not null,
    rows_accepted integer not null,
    rows_quarantined integer not null,
    rows_skipped integer not null,
    skipped text not null,
    sheets text not null,
    headers text not null,
    contract_sha256 text not null,
    check (rows_sheet = rows_accepted + rows_quarantined + rows_skipped)
);
create index if not exists submission_of on submission (period, extract, area);
create index if not exists submission_bytes on submission (sha256);
create table if not exists finding (
    id integer primary key,
    submission integer not null references submission (number),
    source text not null,
    rule text not null,
    message text not null,
    severity text not null,
    remedy text not null,
    department text,
    extract text,
    period text,
    area text,
    file text,
    sheet text,
    row integer,
    "column" text,
    found text,
    indicators text not null
);
create index if not exists finding_of on finding (submission);
create table if not exists waiver (
    id integer primary key,
    rule text not null,
    extract text,
    period text not null,
    reason text not null,
    waived_by text not null,
    waived_at text not null
);
create table if not exists proposal (
    number integer primary key,
    period text not null,
    extract text not null,
    naming text not null,
    person_id text not null,
    hh_id text,
    source integer not null,
    rows_n integer not null,
    register_source integer not null,
    score text not null,
    comparison text not null,
    proposed_at text not null,
    unique (period, extract, naming, person_id)
);
create table if not exists verdict (
    id integer primary key,
    proposal integer not null references proposal (number),
    verdict text not null check (verdict in ('accepted', 'rejected')),
    decided_by text not null,
    decided_at text not null
);
"""


@dataclass(frozen=True)
class Submission:
    """One received file. ``extract`` is None when no contract recognised it (department ``unrecognised``).

    ``received_at`` is UTC in ISO seconds; rows_sheet = rows_accepted + rows_quarantined + rows_skipped; ``skipped`` counts by
    reason. ``headers``: sheet index as text → [[column position from 0, header as found, contract column or None, personal]].
    """

    number: int
    extract: str | None
    department: str
    period: str
    area: str
    revision: int
    file: str
    sha256: str
    suffix: str
    bytes: int
    received_at: str
    state: Literal["accepted", "refused"]
    reason: str
    rows_sheet: int
    rows_accepted: int
    rows_quarantined: int
    rows_skipped: int
    skipped: dict[str, int]
    sheets: list[str]
    headers: dict[str, list[list[Any]]]
    contract_sha256: str


@dataclass(frozen=True)
class Waiver:
    """A person's decision to publish in spite of a rule's findings, for an extract (None: all) and month."""

    rule: str
    extract: str | None
    period: str
    reason: str
    waived_by: str
    waived_at: str


@dataclass(frozen=True)
class Proposal:
    """That a month's rows of an extract which name somebody unknown mean a registered person. Pseudonyms only.

    ``naming`` is what those rows say of whom they are about; ``hh_id`` the household that they get, None where they have a known
    one. ``source`` addresses the first of ``rows_n`` rows, ``register_source`` the person's row in the register. ``score`` is a
    probability with four decimals; ``comparison``: what was compared → how it came out.
    """

    number: int
    period: str
    extract: str
    naming: str
    person_id: str
    hh_id: str | None
    source: int
    rows_n: int
    register_source: int
    score: str
    comparison: dict[str, str]
    proposed_at: str


@dataclass(frozen=True)
class Verdict:
    """A person's yes or no to a proposal. The last one holds."""

    proposal: int
    verdict: Literal["accepted", "rejected"]
    decided_by: str
    decided_at: str


_JSON = ("skipped", "sheets", "headers", "indicators", "comparison")
_SUBMISSION = tuple(f.name for f in fields(Submission))
_FINDING = tuple(f.name for f in fields(Finding))
_WAIVER = tuple(f.name for f in fields(Waiver))
_PROPOSAL = tuple(f.name for f in fields(Proposal))
_VERDICT = tuple(f.name for f in fields(Verdict))


class Ledger:
    """The ledger of one installation, made if absent. Safe to use from several processes; one at a time writes."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma foreign_keys = on")
        self._db.executescript(_TABLES)

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All or nothing, and nobody else writes meanwhile: numbers read inside stay free until the end."""
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    def next_number(self) -> int:
        """The number that the next submission gets; numbers start at 1 and are never used again."""
        return int(self._db.execute("select coalesce(max(number), 0) + 1 from submission").fetchone()[0])

    def next_revision(self, extract: str | None, period: str, area: str) -> int:
        """1 for the first submission of an extract, month and area, refused ones counted."""
        sql = "select count(*) + 1 from submission where extract is ? and period = ? and area = ?"
        return int(self._db.execute(sql, (extract, period, area)).fetchone()[0])

    def record(self, submission: Submission, findings: Iterable[Finding]) -> None:
        """Enter a submission and what was found in it. Raises sqlite3.IntegrityError when its rows do not add up."""
        self._insert("submission", _SUBMISSION, [submission])
        self._insert("finding", _FINDING, findings)

    def submissions(
        self,
        period: str | None = None,
        extract: str | None = None,
        state: Literal["accepted", "refused"] | None = None,
        sha256: str | None = None,
        department: str | None = None,
    ) -> list[Submission]:
        """Submissions by number, all those that agree with what is given."""
        given = {"period": period, "extract": extract, "state": state, "sha256": sha256, "department": department}
        return [Submission(**row) for row in self._select("submission", _SUBMISSION, given, "number")]

    def submission(self, number: int) -> Submission:
        """The submission of that number. Raises KeyError when there is none."""
        for row in self._select("submission", _SUBMISSION, {"number": number}, "number"):
            return Submission(**row)
        raise KeyError(f"no submission {number}")

    def findings(
        self, period: str | None = None, extract: str | None = None, submission: int | None = None
    ) -> list[Finding]:
        """What intake found, in the order in which it was entered, all that agrees with what is given."""
        given = {"period": period, "extract": extract, "submission": submission}
        rows = self._select("finding", _FINDING, given, "id")
        return [Finding(**{**row, "indicators": tuple(row["indicators"])}) for row in rows]

    def finding_counts(self, period: str) -> dict[int, int]:
        """Submission number → how many findings it has, for the submissions of a month that have any."""
        sql = "select submission, count(*) from finding where period = ? group by submission"
        return {row[0]: row[1] for row in self._db.execute(sql, (period,))}

    def waive(self, waiver: Waiver) -> None:
        """Enter a waiver."""
        self._insert("waiver", _WAIVER, [waiver])

    def waivers(self, period: str | None = None) -> list[Waiver]:
        """Waivers in the order in which they were signed."""
        return [Waiver(**row) for row in self._select("waiver", _WAIVER, {"period": period}, "id")]

    def propose(self, proposals: Iterable[Proposal]) -> None:
        """Enter proposals. Raises sqlite3.IntegrityError when one is there already."""
        self._insert("proposal", _PROPOSAL, proposals)

    def proposals(self, period: str | None = None) -> list[Proposal]:
        """Proposals by number."""
        return [Proposal(**row) for row in self._select("proposal", _PROPOSAL, {"period": period}, "number")]

    def decide(self, verdict: Verdict) -> None:
        """Enter a verdict."""
        self._insert("verdict", _VERDICT, [verdict])

    def verdicts(self, as_of: str | None = None) -> dict[int, Verdict]:
        """Proposal → the last verdict on it given by ``as_of`` (any time by default)."""
        given = (Verdict(**row) for row in self._select("verdict", _VERDICT, {}, "id"))
        return {v.proposal: v for v in given if as_of is None or v.decided_at <= as_of}

    def accepted(self, through: str, as_of: str) -> list[tuple[Proposal, Verdict]]:
        """The proposals of months up to ``through`` to which somebody has said yes by ``as_of`` and not taken it back."""
        verdicts = self.verdicts(as_of)
        said = ((p, verdicts.get(p.number)) for p in self.proposals() if p.period <= through)
        return [(p, v) for p, v in said if v and v.verdict == "accepted"]

    def _insert(self, table: str, columns: tuple[str, ...], records: Iterable[Any]) -> None:
        marks = ", ".join("?" * len(columns))
        quoted = ", ".join(f'"{c}"' for c in columns)
        values = ([_out(column, getattr(record, column)) for column in columns] for record in records)
        self._db.executemany(f"insert into {table} ({quoted}) values ({marks})", values)

    def _select(
        self, table: str, columns: tuple[str, ...], given: dict[str, Any], order: str
    ) -> Iterator[dict[str, Any]]:
        asked = {column: value for column, value in given.items() if value is not None}
        where = " and ".join(f'"{c}" = ?' for c in asked) or "true"
        quoted = ", ".join(f'"{c}"' for c in columns)
        sql = f"select {quoted} from {table} where {where} order by {order}"
        for row in self._db.execute(sql, tuple(asked.values())).fetchall():
            yield {c: json.loads(row[c]) if c in _JSON else row[c] for c in columns}


def _out(column: str, value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if column in _JSON else value
