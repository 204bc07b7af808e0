"""What people say to proposals: yes, no, and a change of mind. Nothing is applied here; the next build reads the ledger."""

from __future__ import annotations

from typing import Any

from pipelines.intake.address import unpack
from pipelines.intake.ledger import Ledger, Proposal, Submission, Verdict
from pipelines.settings import Settings


class IdentityError(Exception):
    """A proposal that there is not, or a yes that contradicts another; the message says what to do."""


def decide(settings: Settings, number: int, verdict: str, by: str, at: str) -> dict[str, Any]:
    """Enter ``accepted`` or ``rejected`` for a proposal, by a person at a time (ISO, UTC); returns it as ``proposals`` does.

    The last verdict holds from its time on, so a no takes back an earlier yes. Raises IdentityError when there is no such
    proposal, nobody's name is given, or the same rows have already been accepted as somebody else.
    """
    if not by.strip():
        raise IdentityError("请用 --by 写明由谁确认")
    with Ledger(settings.ledger) as ledger, ledger.writing():
        all_, verdicts = ledger.proposals(), ledger.verdicts()
        wanted = next((p for p in all_ if p.number == number), None)
        if wanted is None:
            raise IdentityError(f"没有第 {number} 号提案；现有的见 fangpin identity proposals")
        rivals = (p for p in all_ if p.number != number and _same_rows(p, wanted))
        rival = next((p for p in rivals if (v := verdicts.get(p.number)) and v.verdict == "accepted"), None)
        if verdict == "accepted" and rival:
            raise IdentityError(
                f"这些行已按第 {rival.number} 号提案对应了另一人；如那是错的，请先 reject {rival.number}"
            )
        given = Verdict(number, "accepted" if verdict == "accepted" else "rejected", by.strip(), at)
        ledger.decide(given)
        return as_record(wanted, given, {s.number: s for s in ledger.submissions()})


def proposals(settings: Settings, period: str | None = None) -> list[dict[str, Any]]:
    """Proposals of a month (of all by default), by row and falling score: ``{proposal, period, extract, submission, file, sheet,
    row, rows, person, household, register, score, comparison, state, decided_by, decided_at}``.

    ``register`` is the place of the person's row; ``state`` proposed, accepted or rejected. Persons are pseudonyms.
    """
    with Ledger(settings.ledger) as ledger:
        submissions = {s.number: s for s in ledger.submissions()}
        verdicts = ledger.verdicts()
        found = sorted(
            ledger.proposals(period), key=lambda p: (p.period, p.extract, p.source, -float(p.score), p.number)
        )
        return [as_record(p, verdicts.get(p.number), submissions) for p in found]


def as_record(proposal: Proposal, verdict: Verdict | None, submissions: dict[int, Submission]) -> dict[str, Any]:
    """A proposal as it is printed."""

    def place(source: int) -> dict[str, Any]:
        submission, sheet, row = unpack(source)
        about = submissions[submission]
        return {"submission": submission, "file": about.file, "sheet": about.sheets[sheet - 1], "row": row}

    return {
        "proposal": proposal.number,
        "period": proposal.period,
        "extract": proposal.extract,
        **place(proposal.source),
        "rows": proposal.rows_n,
        "person": proposal.person_id,
        "household": proposal.hh_id,
        "register": place(proposal.register_source),
        "score": float(proposal.score),
        "comparison": proposal.comparison,
        "state": verdict.verdict if verdict else "proposed",
        "decided_by": verdict.decided_by if verdict else None,
        "decided_at": verdict.decided_at if verdict else None,
    }


def _same_rows(one: Proposal, other: Proposal) -> bool:
    return (one.period, one.extract, one.naming) == (other.period, other.extract, other.naming)
