"""Values as SQL literals. DuckDB imports pandas (a second) for the first bound parameter, so rooms that must start fast write literals."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path


def literal(value: str | int | Decimal | bool | Path | None) -> str:
    """A value as SQL reads it; text is quoted, so that no text is ever read as SQL.

    Raises TypeError for any other kind of value.
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return str(value)
        case str() | Path():
            return "'" + str(value).replace("'", "''") + "'"
    raise TypeError(f"no SQL literal for a {type(value).__name__}")


def literals(values: Iterable[str | int | Decimal | bool | Path | None]) -> str:
    """Several values, with commas between."""
    return ", ".join(map(literal, values))
