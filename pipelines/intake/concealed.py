"""What the parser does not tell of a workbook: hidden rows and columns, numbers shown as per cent, code pages it does not know.

Only the few bytes that say so are looked at; cells are workbook's. Runs in the process that may crash.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

Concealed = tuple[bool, list[int], list[int]]  # sheet hidden; rows and columns hidden, counted from 0
Hidden = dict[int, tuple[list[int], list[int]]]  # sheet, counted from 0 → rows, columns
Percents = dict[int, list[tuple[int, int]]]  # sheet → row and column of cells, all counted from 0

_OLE = b"\xd0\xcf\x11\xe0"
_BIFF8, _BIFF5 = b"\x09\x08\x10\x00\x00\x06\x05\x00", b"\x09\x08\x08\x00\x00\x05\x05\x00"
_CODE_PAGE, _END, _SHEET, _ROW, _COLUMNS = 0x42, 0x0A, 0x85, 0x208, 0x7D
_FORMAT, _LOOK, _NUMBER, _SHORT_NUMBER, _SHORT_NUMBERS, _FORMULA = 0x41E, 0xE0, 0x203, 0x27E, 0xBD, 0x06
_PERCENT_FORMATS = {9, 10}  # 0% and 0.00%, which no file writes out
_UNICODE = 1200
_MAC = {10001: 932, 10002: 950, 10003: 949, 10008: 936}  # Macintosh page → the Windows page that holds its characters
_CHUNK = 1 << 20
_TAG = re.compile(rb"<(?:\w+:)?(row|col)\b([^>]*)>")
_HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*)>")
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


def rows_and_columns(data: bytes) -> Hidden:
    """The hidden rows and columns of every sheet that has any; nothing for a file whose inside cannot be followed."""
    try:
        return _of_xls(data) if data.startswith(_OLE) else _of_xlsx(data)
    except _DAMAGE:
        return {}


def percent_cells(data: bytes) -> Percents:
    """The cells of every sheet whose number format shows a number as per cent; nothing where that cannot be followed."""
    try:
        return _percents_of_xls(data) if data.startswith(_OLE) else _percents_of_xlsx(data)
    except _DAMAGE:
        return {}


def _of_xlsx(data: bytes) -> Hidden:
    hidden: Hidden = {}
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        for index, part in enumerate(_sheets_of_xlsx(parts)):
            rows: list[int] = []
            columns: list[int] = []
            for name, tag in _hidden_tags(parts, part):
                if name == b"row":
                    rows.append(_number(tag, b"r") - 1)
                else:
                    columns += range(_number(tag, b"min") - 1, min(_number(tag, b"max"), 1 << 14))
            if rows or columns:
                hidden[index] = rows, columns
    return hidden


def _sheets_of_xlsx(parts: zipfile.ZipFile) -> list[str]:
    """The parts that hold the sheets, in the order of the workbook."""
    from xml.etree.ElementTree import fromstring

    related = {e.get("Id"): str(e.get("Target")) for e in fromstring(parts.read("xl/_rels/workbook.xml.rels"))}
    sheets = [e for e in fromstring(parts.read("xl/workbook.xml")).iter() if e.tag.endswith("}sheet")]
    targets = [related[next((v for k, v in e.attrib.items() if k.endswith("}id")), "")] for e in sheets]
    return [t.lstrip("/") if t.startswith("/") else f"xl/{t}" for t in targets]


def _hidden_tags(parts: zipfile.ZipFile, part: str) -> Iterator[tuple[bytes, bytes]]:
    for text in _whole_tags(parts, part):
        if b"hidden=" in text:
            yield from ((m[1], m[2]) for m in _TAG.finditer(text) if _HIDDEN.search(m[2]))


def _whole_tags(parts: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The text of a part in pieces that cut no tag."""
    with parts.open(part) as content:
        rest = b""
        while chunk := content.read(_CHUNK):
            text = rest + chunk
            cut = text.rfind(b"<")
            rest = text[cut:] if cut >= 0 and b">" not in text[cut:] and len(text) - cut < _CHUNK else b""
            yield text[: len(text) - len(rest)]


def _percents_of_xlsx(data: bytes) -> Percents:
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        looks = _percent_looks(parts)
        if not looks:
            return {}
        look = re.compile(rb"""\bs=["'](?:%s)["']""" % "|".join(map(str, looks)).encode())
        found: Percents = {}
        for index, part in enumerate(_sheets_of_xlsx(parts)):
            places = [
                place.groups()
                for text in _whole_tags(parts, part)
                for cell in _CELL.finditer(text)
                if look.search(cell[1]) and (place := _PLACE.search(cell[1]))
            ]
            found[index] = [(int(row) - 1, _column(letters)) for letters, row in places]
        return found


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


def _percents_of_xls(data: bytes) -> Percents:
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
    found: Percents = {}
    for index, start in enumerate(starts if shown else ()):
        places = found.setdefault(index, [])
        for kind, at, size in _records(stream, start):
            if kind in (_NUMBER, _SHORT_NUMBER, _FORMULA) and size >= 6:
                row, column, look = struct.unpack_from("<HHH", stream, at)
                places += [(row, column)] * (look in shown)
            elif kind == _SHORT_NUMBERS and size >= 6:
                row, first = struct.unpack_from("<HH", stream, at)
                for i in range((size - 6) // 6):
                    places += [(row, first + i)] * (struct.unpack_from("<H", stream, at + 4 + 6 * i)[0] in shown)
    return found


def _number(tag: bytes, name: bytes) -> int:
    found = re.search(rb"""\b%s=["'](\d+)["']""" % name, tag)
    if not found:
        raise ValueError(f"no {name.decode()} in a hidden row or column")
    return int(found[1])


def _of_xls(data: bytes) -> Hidden:
    stream = _book(data)
    starts = [struct.unpack_from("<I", stream, at)[0] for kind, at, _ in _records(stream, 0) if kind == _SHEET]
    hidden: Hidden = {}
    for index, start in enumerate(starts):
        rows: list[int] = []
        columns: list[int] = []
        for kind, at, size in _records(stream, start):
            if kind == _ROW and size >= 14 and stream[at + 12] & 0x20:
                rows.append(int.from_bytes(stream[at : at + 2], "little"))
            elif kind == _COLUMNS and size >= 10 and stream[at + 8] & 1:
                first, last = struct.unpack_from("<HH", stream, at)
                columns += range(first, min(last, 255) + 1)
        if rows or columns:
            hidden[index] = rows, columns
    return hidden


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
