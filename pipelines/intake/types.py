"""Text to typed columns: what a cell of each column type may say. Which cells are read is table's work, who is told is receive's.

Whole columns are read by polars expressions where they are written plainly; every other distinct text is read once by a
function of one text, which gives its value, None (nothing was meant) or a Refusal. Nothing bad becomes None.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from pipelines.intake.contract import NUMERIC, Column
from pipelines.intake.divisions import Divisions
from pipelines.intake.pseudonym import Pseudonyms
from pipelines.intake.refusal import Refusal, refusal
from pipelines.policy import Pack

MONEY = pl.Decimal(18, 2)
DTYPES: dict[str, pl.DataType] = {
    "integer": pl.Int64(), "decimal": MONEY, "amount": MONEY, "date": pl.Date(), "yes_no": pl.Boolean(),
}  # fmt: skip

FEW = 1_000  # rows; fewer are read one by one
_REMEMBERED = 1 << 17  # texts whose reading is kept for the next file
_HIDDEN = {"id_number": "P", "household_no": "H", "person_name": "N"}
_NOTHING = frozenset(c * n for c in "-—－–―─/／\\" for n in range(1, 5))
_NONE = "无"
_LONGEST, _LONGEST_TEXT = 2_000, 32_767 * 3  # bytes; Excel has 32,767 characters in a cell
_ERROR = r"^#(?:DIV/0!|N/A!?|REF!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)$"
_CENT = Decimal("0.01")
_LARGEST_PLAIN = 10**12  # an id number in a column of counts is no count
_YUAN = {
    None: None, "元": 1, "元整": 1, "千元": 10**3, "万": 10**4, "万元": 10**4, "万元整": 10**4, "亿": 10**8, "亿元": 10**8,
}  # fmt: skip
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?)(元整?|千元|万元整|万元?|亿元?)?")
_IN_BRACKETS = re.compile(r"\(([^()+-][^()]*)\)(元|千元|万元|亿元)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(?!\d*,)")
_DATE = re.compile(r"(\d{4})([-/.年])(\d{1,2})(?:[-/.月])(\d{1,2})[日号]?(?:[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?")
_MONTH = re.compile(r"(\d{4})(?:[-/年](\d{1,2})月?|\.(0[1-9]|[2-9]|1[0-2]))份?|(\d{4})(0[1-9]|1[0-2])")
_JANUARY_OR_OCTOBER = re.compile(r"\d{4}\.1")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_SERIALS = (20000, 60000)
_EPOCH = date(1899, 12, 30)
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_YES = frozenset({"是", "有", "对", "√", "✓", "✔", "☑", "■", "V", "Y", "YES", "TRUE", "1"})
_NO = frozenset({"否", "无", "没有", "不是", "×", "✗", "✘", "╳", "☐", "□", "X", "N", "NO", "FALSE", "0"})
_NUMBERED = re.compile(r"\(?\d{1,2}\)?[.、:)-]?(?=\D)")

Value = str | int | Decimal | date | bool | None
Answer = Value | Refusal
Reader = Callable[[str], Answer]


@dataclass(frozen=True)
class Typed:
    """A column as read: one value a row, null where nothing was said or the cell is refused; row position → why refused."""

    values: pl.Series
    refused: dict[int, Refusal]


@dataclass(frozen=True)
class Reading:
    """What reading cells needs beyond the cells."""

    pack: Pack
    divisions: Divisions
    pseudonyms: Pseudonyms
    _remembered: dict[tuple[object, ...], dict[str, Answer]] = field(default_factory=dict, repr=False, compare=False)

    def typed(self, column: Column, text: pl.Series, scale: int = 1, townships: pl.Series | None = None) -> Typed:
        """Read one column of stripped texts (null where blank).

        ``scale`` is how many yuan one unit of an amount is; ``townships`` are the codes of the rows' townships, in which
        their villages are looked for.
        """
        dtype, found = DTYPES.get(column.type, pl.String()), text
        text, refused = _readable(column, text)
        if column.type == "village":
            inside = pl.Series("", [""] * len(text)) if townships is None else townships.fill_null("")
            text = inside + "|" + text
        if len(text) <= FEW:
            values = self._one_by_one(column, text, scale, dtype, refused)
        else:
            values = self._by_column(column, text, scale, dtype, refused)
        if column.required and values.null_count():
            empty = values.is_null().arg_true().to_list()
            refused |= {i: _missing(found[i]) for i in empty if i not in refused}
        return Typed(values.alias(column.name), refused)

    def _one_by_one(
        self, column: Column, text: pl.Series, scale: int, dtype: pl.DataType, refused: dict[int, Refusal]
    ) -> pl.Series:
        """The values of a short column, each text by its reader, which is quicker than to set out for whole columns."""
        texts = text.to_list()
        answers = self._answers(column, scale, {t for t in texts if t is not None})
        said = [None if t is None else answers[t] for t in texts]
        for i, answer in enumerate(said):
            if isinstance(answer, Refusal):
                refused[i] = answer
                said[i] = None
        values, outside = _within(column, _series(said, dtype))
        refused |= outside
        return values

    def _by_column(
        self, column: Column, text: pl.Series, scale: int, dtype: pl.DataType, refused: dict[int, Refusal]
    ) -> pl.Series:
        """The values of a long column: what is written plainly by whole columns, every other distinct text by its reader."""
        values = _plainly(column, text, scale)
        unread = text if values is None else text.filter(values.is_null())
        answers = self._answers(column, scale, unread.drop_nulls().unique().to_list())
        said = {t: a for t, a in answers.items() if a is not None and not isinstance(a, Refusal)}
        refusals = {t: a for t, a in answers.items() if isinstance(a, Refusal)}
        if values is None or said:
            slow = text.replace_strict(_series(said, pl.String()), _series(said.values(), dtype), default=None)
            values = slow if values is None else values.zip_with(values.is_not_null(), slow)
        if refusals:
            positions = text.is_in(list(refusals)).fill_null(False).arg_true().to_list()
            refused |= {i: refusals[text[i]] for i in positions}
        values, outside = _within(column, values)
        refused |= outside
        return values

    def _answers(self, column: Column, scale: int, texts: Collection[str]) -> dict[str, Answer]:
        """What each of some distinct texts says in a column. Words and numbers come again in every month's file."""
        if column.type in _HIDDEN:
            meant = [t for t in texts if t not in _NOTHING and t != _NONE]
            return dict.fromkeys(texts) | self.pseudonyms.of(_HIDDEN[column.type], meant)
        if column.type == "text":
            return {t: None if t in _NOTHING or t == _NONE else t for t in texts}
        known = self._remembered.setdefault((column.type, column.codes, column.unit == "percent", scale), {})
        if len(known) > _REMEMBERED:
            known.clear()
        new = [t for t in texts if t not in known]
        if new:
            read = self._reader(column, scale)
            known |= {t: read(t) for t in new}
        return {t: known[t] for t in texts}

    def _reader(self, column: Column, scale: int) -> Reader:
        match column.type:
            case "code":
                return self._code_reader(str(column.codes))
            case "township":
                return _or_nothing(self.divisions.township)
            case "village":
                return self._village
            case "integer":
                return integer
            case "decimal":
                return lambda text: decimal(text, percent=column.unit == "percent")
            case "amount":
                return lambda text: amount(text, scale)
            case "date":
                return day
            case "month":
                return month
            case "yes_no":
                return yes_no
            case _:
                raise ValueError(f"cells of type {column.type} are not read one by one")

    def _code_reader(self, codes: str) -> Reader:
        words = "、".join(code.zh[0] for code in self.pack.codes[codes].values())

        def read(text: str) -> str | Refusal | None:
            plain = _plain(text)
            forms = (text, plain, _NUMBERED.sub("", plain, count=1))
            code = next(filter(None, (self.pack.code_for(codes, form) for form in forms)), None)
            if code or text in _NOTHING or text == _NONE:
                return code
            return Refusal("unknown_code", "不在代码表中", f"请改为：{words}")

        return read

    def _village(self, text: str) -> str | Refusal | None:
        township, _, name = text.partition("|")
        return None if name in _NOTHING else self.divisions.village(name, township or None)


def _readable(column: Column, text: pl.Series) -> tuple[pl.Series, dict[int, Refusal]]:
    """The texts without those that no cell should hold: errors, formulas that were never calculated, whole books."""
    longest = _LONGEST_TEXT if column.type == "text" else _LONGEST
    if len(text) <= FEW:
        at = [i for i, t in enumerate(text.to_list()) if t and _is_odd(t, longest)]
    else:
        cell = pl.first()
        likely = cell.str.starts_with("#") | cell.str.starts_with("=") | (cell.str.len_bytes() > longest)
        likely_at = text.to_frame().select(likely.fill_null(False)).to_series().arg_true().to_list()
        at = [i for i in likely_at if _is_odd(text[i], longest)]
    if not at:
        return text, {}
    words = {i: "too_long" if text[i][0] not in "#=" or len(text[i]) > _LONGEST_TEXT else "cell_error" for i in at}
    words |= {i: "not_calculated" for i in at if words[i] == "cell_error" and text[i][0] == "="}
    return text.scatter(at, None), {i: refusal(why) for i, why in words.items()}


def _is_odd(text: str, longest: int) -> bool:
    if text[0] in "#=" and (re.match(_ERROR, text) or (text[0] == "=" and len(text) > 1)):
        return True
    return 4 * len(text) > longest and len(text.encode()) > longest


def _series(values: Iterable[Answer], dtype: pl.DataType) -> pl.Series:
    """A column of values; numbers with decimals go in as text, which is many times quicker than one by one."""
    if isinstance(dtype, pl.Decimal):
        return pl.Series("", [None if v is None else str(v) for v in values], dtype=pl.String).cast(dtype)
    return pl.Series("", list(values), dtype=dtype)


def _missing(text: str | None) -> Refusal:
    """Why a required cell that says nothing is refused; blank, a dash and 无 are different things to mend."""
    return refusal("missing_value" if text is None else "only_none" if text == _NONE else "only_a_dash")


def integer(text: str) -> int | Refusal | None:
    """A whole number: ``1,234``, full-width digits, ``5.0``, ``(5)`` for -5; ``-``, ``/``, ``——``, ``无`` say nothing."""
    number = _number(text)
    if number is None or isinstance(number, Refusal):
        return number
    if number[1] is not None or number[0] != number[0].to_integral_value():
        return refusal("not_an_integer")
    return int(number[0])


def decimal(text: str, *, percent: bool = False) -> Decimal | Refusal | None:
    """A number to two decimals, halves away from zero. A ``%`` is read only where the unit is percent."""
    number = _number(text.rstrip("%％") if percent else text)
    if number is None or isinstance(number, Refusal):
        return number
    return refusal("not_a_number") if number[1] is not None else number[0].quantize(_CENT, ROUND_HALF_UP)


def amount(text: str, scale: int = 1) -> Decimal | Refusal | None:
    """Yuan to 0.01, exactly: the number times ``scale``, or times the unit that the cell itself names (``1.2万元``).

    Brackets around a number make it negative, as bookkeepers write it: ``（1,234.50）``, ``(¥80)``.
    """
    number = _number(re.sub(r"^([(（]?)(?:[¥￥]|人民币)", r"\1", text))
    if number is None or isinstance(number, Refusal):
        return number
    return (number[0] * (_YUAN[number[1]] or scale)).quantize(_CENT, ROUND_HALF_UP)


def day(text: str) -> date | Refusal | None:
    """A day: 2020-03-05, 2020/3/5, 2020.3.5, 2020年3月5日 (or 号), 20200305, with a time of day, or a serial of Excel's 1900 system.

    Serials are numbers from 20000 (1954) to 60000 (2064); other numbers, and months without a day, are refused.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain in _NOTHING or plain == _NONE:
        return None
    if _SERIAL.fullmatch(plain):
        serial = int(plain[:5])
        return _EPOCH + timedelta(serial) if _SERIALS[0] <= serial <= _SERIALS[1] else refusal("not_a_date")
    written = _DATE.fullmatch(re.sub(r"\s*([年月日/.-])\s*", r"\1", plain))
    parts = (
        written.group(1, 3, 4) if written else (found.groups() if (found := _COMPACT_DATE.fullmatch(plain)) else None)
    )
    if parts is None or not _FIRST_YEAR <= int(parts[0]) <= _LAST_YEAR:
        return refusal(
            "month_without_day" if _MONTH.fullmatch(plain) or _JANUARY_OR_OCTOBER.fullmatch(plain) else "not_a_date"
        )
    try:
        return date(int(parts[0]), int(parts[1]), int(parts[2]))
    except ValueError:
        return refusal("not_a_date")


def month(text: str) -> str | Refusal | None:
    """A month as ``YYYY-MM``: 2020-03, 2020/3, 2020.3, 2020年3月, 202003, or the month of a day written in full.

    ``2020.1`` is refused: a number cell drops the zero of 2020.10, so nobody can tell January from October.
    """
    plain = _plain(text)
    if plain in _NOTHING or plain == _NONE:
        return None
    if _JANUARY_OR_OCTOBER.fullmatch(plain):
        return refusal("january_or_october")
    if found := _MONTH.fullmatch(plain):
        year, number = (int(part) for part in found.groups() if part)
        in_range = _FIRST_YEAR <= year <= _LAST_YEAR and 1 <= number <= 12
        return f"{year}-{number:02d}" if in_range else refusal("not_a_month")
    written = day(text)
    return f"{written:%Y-%m}" if isinstance(written, date) else refusal("not_a_month")


def yes_no(text: str) -> bool | Refusal | None:
    """是, 有, √, ☑, Y, 1 and 否, 无, ×, □, N, 0; a dash says nothing, 无 says no."""
    word = _plain(text).upper()
    if word in _YES or word in _NO:
        return word in _YES
    return None if text in _NOTHING else refusal("not_yes_no")


def _or_nothing(read: Callable[[str], str | Refusal]) -> Reader:
    return lambda text: None if text in _NOTHING else read(text)


def _number(text: str) -> tuple[Decimal, str | None] | Refusal | None:
    """A number and the money unit that follows it."""
    plain = _plain(text)
    if plain in _NOTHING or plain == _NONE:
        return None
    if bracketed := _IN_BRACKETS.fullmatch(plain):
        plain = f"-{bracketed[1]}{bracketed[2] or ''}"
    if "," in plain:
        plain = plain.replace(",", "") if _GROUPED.match(plain) else "?"
    found = _NUMBER.fullmatch(plain)
    if not found:
        return refusal("not_a_number")
    number = Decimal(found[1])
    return (number, found[2]) if abs(number) < _LARGEST_PLAIN else refusal("amount_too_large")


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _plainly(column: Column, text: pl.Series, scale: int) -> pl.Series | None:
    """The values of the cells that are written plainly, null for all others; None for types that are never plain."""
    match column.type:
        case "text":
            return text.to_frame("t").select(pl.when(~pl.col("t").is_in([*_NOTHING, _NONE])).then("t")).to_series()
        case "integer":
            whole = text.cast(pl.Int64, strict=False)
            return whole.set((whole.abs() >= _LARGEST_PLAIN).fill_null(False), None)
        case "date":
            days = text.str.to_date("%Y-%m-%d", strict=False)
            years = days.dt.year()
            return days.zip_with(years.is_between(_FIRST_YEAR, _LAST_YEAR).fill_null(False), days.clear(len(days)))
        case "decimal" | "amount":
            digits, places = (2, 2) if scale == 1 else (6, 6)
            plain = text.str.contains(rf"^-?\d{{1,9}}(?:\.\d{{1,{digits}}})?$")
            exact = text.set(~plain.fill_null(False), None).cast(pl.Decimal(24, places), strict=False)
            return (exact * scale).cast(MONEY) if scale == 10**4 or scale == 1 else None
        case _:
            return None


def _within(column: Column, values: pl.Series) -> tuple[pl.Series, dict[int, Refusal]]:
    """Values outside the contract's range become refusals."""
    if column.type not in NUMERIC or values.null_count() == len(values):
        return values, {}
    below = None if column.min is None else values < column.min
    above = None if column.max is None else values > column.max
    bad = [m.fill_null(False) for m in (below, above) if m is not None and m.any()]
    if not bad:
        return values, {}
    outside = bad[0] if len(bad) == 1 else bad[0] | bad[1]
    low = "" if column.min is None else f"不小于 {column.min}"
    high = "" if column.max is None else f"不大于 {column.max}"
    why = Refusal("out_of_range", f"超出允许范围（{'、'.join(filter(None, (low, high)))}）", "请核对数值和单位后重报")
    return values.set(outside, None), dict.fromkeys(outside.arg_true().to_list(), why)
