"""Personal data on their way out of sight: normal forms of ids, households and names, keyed pseudonyms, masks.

Whether an id is right is judged here too, because its normal form is what is hashed. Where the key comes from is keys' work.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import date
from functools import lru_cache
from hashlib import sha256
from operator import mul

import polars as pl

from pipelines.intake.refusal import Refusal, refusal

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_FROM_A_NUMBER = re.compile(r"\d+\.0+|\d(\.\d+)?E\+?\d+")
_ID_RUN = re.compile(r"(?<!\d)(\d{6})\d{8,11}[\dXxＸｘ]")
_BIRTHDAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_ID_IN_WORDS = re.compile(
    rf"(?<!\d)\d{{6}}[ -]?(?:19|20)\d\d{_BIRTHDAY}[ -]?\d{{3}}[\dX](?!\d)|(?<!\d)\d{{6}}[3-9]\d{_BIRTHDAY}\d{{3}}(?!\d)"
)  # of 15 digits, born 1930 or later: earlier years look like the codes of townships
_SHORTEST_ID = 15
_EARLIEST = 1850  # year of birth
_REMEMBERED = 1 << 19
_MANY = 500  # texts; fewer are looked at one by one
_BLOCK = 64  # bytes of SHA-256
_IPAD, _OPAD = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))


def check_digit(seventeen: str) -> str:
    """The 18th character of an id number after its first 17 digits (GB 11643-1999, ISO 7064 MOD 11-2)."""
    return _CHECKS[sum(map(mul, _WEIGHTS, map(int, seventeen))) % 11]


def id_number(text: str) -> str | Refusal:
    """The normal form of an id number, 18 characters with a capital X, or why it is refused.

    Full-width digits and spaces are put right. The 15-digit numbers of before 1999 become 18 digits as GB 11643-1999 made
    them: century 19 before the year, then the check digit. A number that went through a number cell lost what follows its
    15th digit and is refused, never guessed.
    """
    found = _squeezed(text).lstrip("'").upper()
    if _FROM_A_NUMBER.fullmatch(found):
        return refusal("id_lost_digits")
    if re.fullmatch(r"\d{15}", found):
        found = found[:6] + "19" + found[6:]
        found += check_digit(found)
    if not re.fullmatch(r"\d{17}[\dX]", found) or not _is_date(found[6:14]):
        return refusal("id_malformed")
    if check_digit(found[:17]) != found[17]:
        return refusal("id_lost_digits" if found.endswith("000") else "id_check_digit")
    return found


def _right(texts: Collection[str]) -> frozenset[str]:
    """Those of many texts that are id numbers in their normal form, as ``id_number`` would give them back."""
    text = pl.col("")
    digits = (text.str.slice(i, 1).cast(pl.Int32, strict=False) * weight for i, weight in enumerate(_WEIGHTS))
    check = pl.lit(list(_CHECKS)).list.get(pl.sum_horizontal(digits) % 11)
    born = text.str.slice(6, 8).str.to_date("%Y%m%d", strict=False).dt.year()
    formed = text.str.contains(r"^[0-9]{17}[0-9X]$") & (text.str.slice(17) == check) & (born >= _EARLIEST)
    return frozenset(pl.Series("", texts, dtype=pl.String).to_frame().filter(formed).to_series())


def household_no(text: str) -> str | Refusal:
    """The normal form of a household number (capital letters, digits, hyphens), or why it is refused."""
    found = _squeezed(text).lstrip("'").upper()
    if _FROM_A_NUMBER.fullmatch(found):
        return refusal("id_lost_digits")
    return found if re.fullmatch(r"[0-9A-Z][0-9A-Z-]{2,39}", found) else refusal("id_malformed")


def person_name(text: str) -> str:
    """The normal form of a name: without spaces, one kind of middle dot."""
    return re.sub(r"[•・.]", "·", _squeezed(text))


def normal_form(kind: str, text: str) -> str | Refusal:
    """The normal form of what a pseudonym of that kind (P, H, N) stands for."""
    return {"P": id_number, "H": household_no, "N": person_name}[kind](text)


class Pseudonyms:
    """Keyed pseudonyms: P… of an id number, H… of a household number, N… of a name, each with 16 hexadecimal digits.

    Each is the head of HMAC-SHA256 over kind and normal form, so one person has one pseudonym in every extract, and none can
    be found by trying all numbers without the key. A text that has no normal form gives its Refusal instead. ``normal`` is
    pseudonym → normal form of all that were asked for.
    """

    def __init__(self, key: bytes) -> None:
        padded = key.ljust(_BLOCK, b"\0") if len(key) <= _BLOCK else sha256(key).digest().ljust(_BLOCK, b"\0")
        self._inner, self._outer = (sha256(padded.translate(pad)) for pad in (_IPAD, _OPAD))
        self._known: dict[str, dict[str, str | Refusal]] = {"P": {}, "H": {}, "N": {}}
        self.normal: dict[str, str] = {}

    def of(self, kind: str, texts: Iterable[str]) -> dict[str, str | Refusal]:
        """Text → its pseudonym of that kind (P, H, N), or why it has none."""
        known, texts = self._known[kind], list(texts)
        if len(known) > _REMEMBERED:
            known.clear()
        new = [text for text in texts if text not in known]
        right = _right(new) if kind == "P" and len(new) >= _MANY else frozenset()
        known |= {text: self._one(kind, text if text in right else normal_form(kind, text)) for text in new}
        return {text: known[text] for text in texts}

    def person(self, text: str) -> str | Refusal:
        """The pseudonym of an id number."""
        return self.of("P", (text,))[text]

    def household(self, text: str) -> str | Refusal:
        """The pseudonym of a household number."""
        return self.of("H", (text,))[text]

    def name(self, text: str) -> str | Refusal:
        """The pseudonym of a name."""
        return self.of("N", (text,))[text]

    def _one(self, kind: str, normal: str | Refusal) -> str | Refusal:
        if isinstance(normal, Refusal):
            return normal
        inner, outer = self._inner.copy(), self._outer.copy()  # HMAC (RFC 2104) with the key's own blocks hashed once
        inner.update(f"{kind}:{normal}".encode())
        outer.update(inner.digest())
        pseudonym = kind + outer.hexdigest()[:16]
        self.normal[pseudonym] = normal
        return pseudonym


class Noting(Pseudonyms):
    """The pseudonyms of another, noting whom they were asked for: ``named`` is pseudonym → the normal form that it stands for."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self.named: dict[str, str] = {}
        self._pseudonyms = pseudonyms

    def of(self, kind: str, texts: Iterable[str]) -> dict[str, str | Refusal]:
        """As of the others, and noted."""
        answers, normal = self._pseudonyms.of(kind, texts), self._pseudonyms.normal
        self.named.update((answer, normal[answer]) for answer in answers.values() if type(answer) is str)
        return answers


@lru_cache(4)
def pseudonyms(key: bytes) -> Pseudonyms:
    """The pseudonyms of a key, the same object throughout a process, so that a person is hashed once for all files."""
    return Pseudonyms(key)


def masked(text: str, column_type: str | None = None) -> str:
    """A cell as it may be shown: names keep their first character, ids and household numbers at most six.

    In any other cell only what looks like an id number is hidden, in case columns have slipped.
    """
    if column_type == "person_name":
        return text[:1] + "*" * (len(text) - 1)
    if column_type in ("id_number", "household_no"):
        kept = min(6, len(text) // 2)
        return text[:kept] + "*" * (len(text) - kept)
    return _ID_RUN.sub(lambda m: m[1] + "*" * (len(m[0]) - 6), without_ids(text))


def without_ids(text: str) -> str:
    """Words of a department without the id numbers in them, full-width or in groups too; what is no birthday stays."""
    if len(text) < _SHORTEST_ID:
        return text
    plain = "".join(unicodedata.normalize("NFKC", c)[:1] or c for c in text).upper()  # one character for each
    for run in _ID_IN_WORDS.finditer(plain):
        text = text[: run.start() + 6] + "*" * (run.end() - run.start() - 6) + text[run.end() :]
    return text


def _squeezed(text: str) -> str:
    return "".join((text if text.isascii() else unicodedata.normalize("NFKC", text)).split())


@lru_cache(1 << 16)
def _is_date(digits: str) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year >= _EARLIEST
    except ValueError:
        return False
