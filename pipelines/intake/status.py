"""Who has sent what for a month: received, late, missing, refused. Only the ledger, the contracts and the calendar are asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

from pipelines.intake.contract import Contract
from pipelines.intake.ledger import UNRECOGNISED, Ledger, Submission
from pipelines.policy import Pack

CHINA = timezone(timedelta(hours=8))


def status(
    ledger: Ledger,
    contracts: Mapping[str, Contract],
    pack: Pack,
    period: str,
    slips: Mapping[int, Path] | None = None,
) -> list[dict[str, Any]]:
    """One record per extract and area that the month owes or has received, as ``fangpin status --json`` prints them.

    Each township (village) owes its own file of an extract that covers one; ``covered_by`` lists the accepted submissions of areas
    around it, which speak for it too. ``late`` when the first accepted submission came after the end of the deadline's day in
    China (UTC+8). Extracts sent only when there is one have no deadline; they, and those that the month does not owe, are
    listed when received. Files nobody recognises come last, with extract None. ``slips`` says where a return slip lies.
    """
    received: dict[tuple[str | None, str], list[Submission]] = {}
    for submission in ledger.submissions(period=period):
        received.setdefault((submission.extract, submission.area), []).append(submission)
    counts = ledger.finding_counts(period)
    names = {area.code: area.name for area in pack.areas}
    around = _around(pack)
    records = []
    for extract, contract in contracts.items():
        owing = owing_areas(contract, pack) if contract.owed(period) else []
        deadline = None if contract.kind == "occasional" else pack.deadline(extract, period)
        end = None if deadline is None else datetime.combine(deadline + timedelta(days=1), time(), CHINA)
        for area in dict.fromkeys([*owing, *(area for sent, area in received if sent == extract)]):
            sent = received.get((extract, area), [])
            covering = [s for up in around[area] for s in received.get((extract, up), []) if s.state == "accepted"]
            records.append(
                {
                    "extract": extract,
                    "title": contract.title.zh,
                    "department": contract.department,
                    "department_name": pack.department_name(contract.department, period),
                    "area": area,
                    "area_name": names[area],
                    "period": period,
                    "state": _state([*sent, *covering], end),
                    "deadline": deadline and deadline.isoformat(),
                    "submissions": [_sent(s, counts, slips or {}) for s in sent],
                    "covered_by": [s.number for s in covering],
                }
            )
    if unknown := received.get((None, pack.area)):
        records.append(
            {
                "extract": None,
                "title": "无法识别的文件",
                "department": UNRECOGNISED,
                "department_name": None,
                "area": pack.area,
                "area_name": names[pack.area],
                "period": period,
                "state": "refused",
                "deadline": None,
                "submissions": [_sent(s, counts, slips or {}) for s in unknown],
                "covered_by": [],
            }
        )
    return records


def owing_areas(contract: Contract, pack: Pack) -> list[str]:
    """The codes of the areas of which each owes its own file; the whole jurisdiction where it has none of that level."""
    owing = [area.code for area in pack.areas if area.level == contract.covers] if contract.covers != "county" else []
    return owing or [pack.area]


def _around(pack: Pack) -> dict[str, list[str]]:
    """Area → the areas that it lies in, without itself."""
    parents = {area.code: area.parent for area in pack.areas}
    around: dict[str, list[str]] = {}
    for code in parents:
        around[code] = []
        up = parents[code]
        while up:
            around[code].append(up)
            up = parents[up]
    return around


def _state(sent: list[Submission], end: datetime | None) -> str:
    if not sent:
        return "missing"
    accepted = [datetime.fromisoformat(s.received_at) for s in sent if s.state == "accepted"]
    if not accepted:
        return "refused"
    return "late" if end is not None and min(accepted) >= end else "on_time"


def _sent(submission: Submission, counts: Mapping[int, int], slips: Mapping[int, Path]) -> dict[str, Any]:
    slip = slips.get(submission.number)
    return {
        "submission": submission.number,
        "file": submission.file,
        "sha256": submission.sha256,
        "revision": submission.revision,
        "received_at": submission.received_at,
        "state": submission.state,
        "reason": submission.reason,
        "rows": {
            "sheet": submission.rows_sheet,
            "accepted": submission.rows_accepted,
            "quarantined": submission.rows_quarantined,
            "skipped": submission.rows_skipped,
        },
        "skipped": submission.skipped,
        "findings": counts.get(submission.number, 0),
        "slip": slip and str(slip),
    }
