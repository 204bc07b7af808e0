"""What the parser does not tell of a workbook: what is hidden, numbers shown as per cent, errors, formulas without a value, and
code pages that it does not know.

Only the few bytes that say so are looked at; cells are workbook's. Runs in the process that may crash.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.sax.saxutils import unescape

Concealed = tuple[bool, list[int], list[int]]  # sheet hidden; rows and columns hidden, counted from 0
Cell = tuple[int, int]  # row and column, counted from 0


@dataclass
class Unseen:
    """What the parser does not tell of a sheet. ``percents`` are the cells whose number format shows per cent; ``words`` what a
    cell says that the parser takes for empty: ``#DIV/0!``, or the formula ``=A1+1`` that was never calculated.
    """

    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    percents: list[Cell] = field(default_factory=list)
    words: dict[Cell, str] = field(default_factory=dict)


_OLE = b"\xd0\xcf\x11\xe0"
_BIFF8, _BIFF5 = b"\x09\x08\x10\x00\x00\x06\x05\x00", b"\x09\x08\x08\x00\x00\x05\x05\x00"
_CODE_PAGE, _END, _SHEET, _ROW, _COLUMNS = 0x42, 0x0A, 0x85, 0x208, 0x7D
_FORMAT, _LOOK, _NUMBER, _SHORT_NUMBER, _SHORT_NUMBERS, _FORMULA, _ERROR = 0x41E, 0xE0, 0x203, 0x27E, 0xBD, 0x06, 0x205
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_PERCENT_FORMATS = {9, 10}  # 0% and 0.00%, which no file writes out
_UNICODE = 1200
_MAC = {10001: 932, 10002: 950, 10003: 949, 10008: 936}  # Macintosh page → the Windows page that holds its characters
_CHUNK = 1 << 20
_TAG = re.compile(rb"<(?:\w+:)?(row|col)\b([^>]*)>")
_HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s>])")
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]+)")
_FORMULA_TEXT = re.compile(rb"<(?:\w+:)?f\b[^>]*>([^<]*)")
_IS_ERROR, _IS_TEXT = re.compile(rb"""\bt=["']e["']"""), re.compile(rb"""\bt=["'](?:str|s|inlineStr)["']""")
_FORMULA_SHOWN = 200  # characters
_PLACE = re.compile(rb"""\br=["']([A-Z]{1,3})(\d{1,7})["']""")
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.')  # what a number format shows as it stands
_NO_SECTOR = 0xFFFFFFFA  # this and above end a chain


# The parser, which reads the cells, is the one to say that a file is damaged.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, LookupError, ValueError, SyntaxError, EOFError, RuntimeError, NotImplementedError,
)  # fmt: skip


def with_known_code_page(data: bytes) -> bytes:
    """The bytes of an .xls with a code page that the parser knows: an Excel 97 file is Unicode whatever it says, a Macintosh
    page of an older one becomes its Windows page. Other bytes come back as they are.
    """
    for mark in (_BIFF8, _BIFF5) if data.startswith(_OLE) else ():
        if (start := data.find(mark)) < 0:
            continue
        for kind, at, size in _records(data, start, min(len(data), start + 512)):
            if kind == _CODE_PAGE and size == 2:
                said = int.from_bytes(data[at : at + 2], "little")
                page = _UNICODE if mark == _BIFF8 else _MAC.get(said, said)
                return data if page == said else data[:at] + page.to_bytes(2, "little") + data[at + 2 :]
    return data


def unseen(data: bytes) -> dict[int, Unseen]:
    """What every sheet (counted from 0) has that the parser does not tell; nothing of a file whose inside cannot be followed."""
    try:
        return _of_xls(data) if data.startswith(_OLE) else _of_xlsx(data)
    except _DAMAGE:
        return {}


def _of_xlsx(data: bytes) -> dict[int, Unseen]:
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        looks = "|".join(map(str, _percent_looks(parts)))
        percent = re.compile(rb"""\bs=["'](?:%s)["']""" % looks.encode()) if looks else None
        return {index: _of_part(parts, part, percent) for index, part in enumerate(_sheets_of_xlsx(parts))}


def _of_part(parts: zipfile.ZipFile, part: str, percent: re.Pattern[bytes] | None) -> Unseen:
    found = Unseen()
    for text in _whole_cells(parts, part):
        for tag in _TAG.finditer(text) if b"hidden=" in text else ():
            if not _HIDDEN.search(tag[2]):
                continue
            if tag[1] == b"row":
                found.rows.append(_number(tag[2], b"r") - 1)
            else:
                found.columns += range(_number(tag[2], b"min") - 1, min(_number(tag[2], b"max"), 1 << 14))
        odd = any(mark in text for mark in (b't="e"', b"t='e'", b"<f", b":f"))
        for cell in _CELL.split(text)[1:] if odd or percent else ():
            about, _, content = cell.partition(b">")
            place = _PLACE.search(about)
            if place is None:
                continue
            if percent and percent.search(about):
                found.percents.append((int(place[2]) - 1, _column(place[1])))
            if odd and (words := _words(about, content)):
                found.words[int(place[2]) - 1, _column(place[1])] = words
    return found


def _words(about: bytes, content: bytes) -> str | None:
    """The error in a cell, or its formula when it has no value."""
    value = _VALUE.search(content)
    if _IS_ERROR.search(about):
        return value[1].decode("utf-8", "replace") if value else "#VALUE!"
    formula = None if value or _IS_TEXT.search(about) or about.endswith(b"/") else _FORMULA_TEXT.search(content)
    return f"={unescape(formula[1].decode('utf-8', 'replace'))[:_FORMULA_SHOWN]}" if formula else None


def _sheets_of_xlsx(parts: zipfile.ZipFile) -> list[str]:
    """The parts that hold the sheets, in the order of the workbook."""
    from xml.etree.ElementTree import fromstring

    related = {e.get("Id"): str(e.get("Target")) for e in fromstring(parts.read("xl/_rels/workbook.xml.rels"))}
    sheets = [e for e in fromstring(parts.read("xl/workbook.xml")).iter() if e.tag.endswith("}sheet")]
    targets = [related[next((v for k, v in e.attrib.items() if k.endswith("}id")), "")] for e in sheets]
    return [t.lstrip("/") if t.startswith("/") else f"xl/{t}" for t in targets]


def _whole_cells(parts: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The text of a part in pieces that cut no cell and no tag (unless one of them is longer than a piece)."""
    with parts.open(part) as content:
        rest = b""
        while chunk := content.read(_CHUNK):
            text = rest + chunk
            cut = max(text.rfind(b"</row>"), text.rfind(b"<row"), text.rfind(b"<c "), text.rfind(b"<col "))
            cut = cut if cut > 0 else text.rfind(b"<")
            rest = text[cut:] if cut > 0 and len(text) - cut < _CHUNK else b""
            yield text[: len(text) - len(rest)]
        yield rest


def _percent_looks(parts: zipfile.ZipFile) -> list[int]:
    """The numbers of the cell formats of an .xlsx that show per cent."""
    from xml.etree.ElementTree import fromstring

    if "xl/styles.xml" not in parts.namelist():
        return []
    styles = list(fromstring(parts.read("xl/styles.xml")).iter())
    percent = _PERCENT_FORMATS | {
        int(e.attrib["numFmtId"])
        for e in styles
        if e.tag.endswith("}numFmt") and _shows_percent(e.attrib["formatCode"])
    }
    looks = next((list(e) for e in styles if e.tag.endswith("}cellXfs")), [])
    return [i for i, e in enumerate(looks) if int(e.get("numFmtId", 0)) in percent]


def _shows_percent(number_format: str) -> bool:
    return "%" in _QUOTED.sub("", number_format)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _number(tag: bytes, name: bytes) -> int:
    found = re.search(rb"""\b%s=["'](\d+)["']""" % name, tag)
    if not found:
        raise ValueError(f"no {name.decode()} in a hidden row or column")
    return int(found[1])


def _of_xls(data: bytes) -> dict[int, Unseen]:
    stream = _book(data)
    percent, looks, starts = set(_PERCENT_FORMATS), [], []
    for kind, at, size in _records(stream, 0):
        if kind == _FORMAT:
            if _shows_percent(stream[at + 2 : at + size].decode("latin-1").replace("\0", "")):
                percent.add(int.from_bytes(stream[at : at + 2], "little"))
        elif kind == _LOOK:
            looks.append(int.from_bytes(stream[at + 2 : at + 4], "little"))
        elif kind == _SHEET:
            starts.append(struct.unpack_from("<I", stream, at)[0])
    shown = {i for i, number_format in enumerate(looks) if number_format in percent}
    return {index: _of_stream(stream, start, shown) for index, start in enumerate(starts)}


def _of_stream(stream: bytes, start: int, percent: set[int]) -> Unseen:
    found = Unseen()
    for kind, at, size in _records(stream, start):
        if kind == _ROW and size >= 14 and stream[at + 12] & 0x20:
            found.rows.append(int.from_bytes(stream[at : at + 2], "little"))
        elif kind == _COLUMNS and size >= 10 and stream[at + 8] & 1:
            first, last = struct.unpack_from("<HH", stream, at)
            found.columns += range(first, min(last, 255) + 1)
        elif kind in (_NUMBER, _SHORT_NUMBER, _FORMULA, _ERROR) and size >= 8:
            row, column, look = struct.unpack_from("<HHH", stream, at)
            result = stream[at + 6 : at + 14]
            if kind == _ERROR and result[1]:
                found.words[row, column] = _ERRORS.get(result[0], "#VALUE!")
            elif kind == _FORMULA and result[:1] == b"\2" and result[6:] == b"\xff\xff":
                found.words[row, column] = _ERRORS.get(result[2], "#VALUE!")
            elif look in percent:
                found.percents.append((row, column))
        elif kind == _SHORT_NUMBERS and size >= 6 and percent:
            row, first = struct.unpack_from("<HH", stream, at)
            looks = (struct.unpack_from("<H", stream, at + 4 + 6 * i)[0] for i in range((size - 6) // 6))
            found.percents += [(row, first + i) for i, look in enumerate(looks) if look in percent]
    return found


def _records(stream: bytes, start: int, end: int | None = None) -> Iterator[tuple[int, int, int]]:
    """Kind, place and size of the records of one part of a workbook stream, up to its end."""
    at, end = start, len(stream) if end is None else end
    while at + 4 <= end:
        kind, size = struct.unpack_from("<HH", stream, at)
        if kind == _END or at + 4 + size > end:
            return
        yield kind, at + 4, size
        at += 4 + size


def _book(data: bytes) -> bytes:
    """The workbook's stream out of the compound file (MS-CFB) that an .xls is."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    small = 1 << struct.unpack_from("<H", data, 32)[0]
    directory, cutoff, small_fat = struct.unpack_from("<I4xI I", data, 48)
    listed = list(struct.unpack_from("<109I", data, 76))
    more, count = struct.unpack_from("<II", data, 68)
    for _ in range(min(count, len(data) // size)):
        block = struct.unpack_from(f"<{size // 4}I", data, (more + 1) * size)
        listed += block[:-1]
        more = block[-1]
    fat = [n for s in listed if s < _NO_SECTOR for n in struct.unpack_from(f"<{size // 4}I", data, (s + 1) * size)]

    def chain(first: int, table: list[int]) -> Iterator[int]:
        for _ in range(len(table)):
            if first >= _NO_SECTOR:
                return
            yield first
            first = table[first]

    def whole(first: int) -> bytes:
        return b"".join(data[(s + 1) * size : (s + 2) * size] for s in chain(first, fat))

    entries = whole(directory)
    root = struct.unpack_from("<I", entries, 116)[0]
    for at in range(0, len(entries), 128):
        length = struct.unpack_from("<H", entries, at + 64)[0]
        name = entries[at : at + max(length - 2, 0)].decode("utf-16-le", "replace")
        if name in ("Workbook", "Book"):
            first, total = struct.unpack_from("<II", entries, at + 116)
            if total >= cutoff:
                return whole(first)[:total]
            table = list(struct.unpack(f"<{len(whole(small_fat)) // 4}I", whole(small_fat)))
            inside = whole(root)
            return b"".join(inside[s * small : (s + 1) * small] for s in chain(first, table))[:total]
    raise KeyError("Workbook")
