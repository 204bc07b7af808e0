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
    """One record per extract that the month owes or has received, as ``fangpin status --json`` prints them.

    ``late`` when the first accepted submission came after the end of the deadline's day in China (UTC+8). Extracts sent only
    when there is one have no deadline; they, and those that the month does not owe, are listed when received. Files nobody
    recognises come last, with extract None.
    ``slips`` says where the return slip of a submission lies.
    """
    received: dict[str | None, list[Submission]] = {}
    for submission in ledger.submissions(period=period):
        received.setdefault(submission.extract, []).append(submission)
    counts = ledger.finding_counts(period)
    records = []
    for extract, contract in contracts.items():
        sent = received.get(extract, [])
        if not sent and not contract.owed(period):
            continue
        deadline = None if contract.kind == "occasional" else pack.deadline(extract, period)
        end = None if deadline is None else datetime.combine(deadline + timedelta(days=1), time(), CHINA)
        records.append(
            {
                "extract": extract,
                "title": contract.title.zh,
                "department": contract.department,
                "department_name": pack.department_name(contract.department, period),
                "period": period,
                "state": _state(sent, end),
                "deadline": deadline and deadline.isoformat(),
                "submissions": [_sent(s, counts, slips or {}) for s in sent],
            }
        )
    if None in received:
        records.append(
            {
                "extract": None,
                "title": "无法识别的文件",
                "department": UNRECOGNISED,
                "department_name": None,
                "period": period,
                "state": "refused",
                "deadline": None,
                "submissions": [_sent(s, counts, slips or {}) for s in received[None]],
            }
        )
    return records


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
