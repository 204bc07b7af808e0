"""The address of a source row, ``submission/sheet/row``, as one sortable number. Its digits are written here only."""

from __future__ import annotations

SHEET = 10**8
SUBMISSION = 10**11


def pack(submission: int, sheet: int, row: int) -> int:
    """The ``_source`` of a row: ``submission*10**11 + sheet*10**8 + row``; sheet and row count from 1, as Excel shows them.

    Raises ValueError when a part does not fit its digits.
    """
    if not (1 <= submission < 92_000_000 and 1 <= sheet < 1000 and 1 <= row < SHEET):
        raise ValueError(f"no address for submission {submission}, sheet {sheet}, row {row}")
    return submission * SUBMISSION + sheet * SHEET + row


def unpack(source: int) -> tuple[int, int, int]:
    """Submission, sheet and row of a ``_source``."""
    submission, rest = divmod(source, SUBMISSION)
    sheet, row = divmod(rest, SHEET)
    return submission, sheet, row
