"""Numbers and months as a reader of either language writes them. No wording of any one page."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

Lang = Literal["zh", "en"]
MINUS = "−"
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def month(period: str, lang: Lang) -> str:
    """``2020-12`` → ``2020年12月`` or ``December 2020``."""
    year, number = period[:4], int(period[5:7])
    return f"{year}年{number}月" if lang == "zh" else f"{_MONTHS[number - 1]} {year}"


def short_month(period: str, lang: Lang) -> str:
    """``2020-12`` → ``12月`` or ``Dec``: a cell of a month picker."""
    number = int(period[5:7])
    return f"{number}月" if lang == "zh" else _MONTHS[number - 1][:3]


def number(value: Decimal | int | None, decimals: int = 0) -> str:
    """A value with thousands separators and a true minus; ``–`` when there is none. Never turns nothing into zero."""
    if value is None:
        return "–"
    text = f"{abs(value):,.{decimals}f}"
    return f"{MINUS}{text}" if value < 0 and text.strip("0.,") else text


def exact(value: Decimal | int | float | None) -> str:
    """A value with the decimals that it has and no trailing zeros; ``–`` for none."""
    if value is None:
        return "–"
    found = Decimal(str(value))
    return number(found, max(0, -int(found.normalize().as_tuple().exponent)))


def change(value: Decimal | int, decimals: int = 0) -> str:
    """A difference with its sign: ``+12``, ``−3``, ``0``."""
    text = number(value, decimals)
    return text if text.startswith(MINUS) or not text.strip("0.,") else f"+{text}"


def joined(words: list[str], lang: Lang) -> str:
    """A list of words with the comma of the language."""
    return ("、" if lang == "zh" else ", ").join(words)
