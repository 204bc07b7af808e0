"""Bytes become rows of text that stand where Excel shows them."""

from __future__ import annotations

import io
from datetime import date, datetime

import pytest

from pipelines.intake import workbook
from pipelines.intake.reader import Unreadable, cells_at, read_table
from tests.intake.conftest import csv_bytes, xlsx_bytes

ROWS = [[], ["标题"], [], ["户编号", "姓名"], ["0012", "张测试"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_every_encoding_keeps_its_record_numbers(encoding: str) -> None:
    [sheet] = read_table(csv_bytes(ROWS, encoding), "名册.csv")
    assert (sheet.index, sheet.name) == (1, "名册")
    assert sheet.rows.height == 5
    assert sheet.rows.row(4) == ("0012", "张测试")


def test_a_record_with_a_line_break_is_one_row() -> None:
    assert cells_at(b'a,b\r\n"x\ny",1\r\nz,2\r\n', "t.csv", [(1, 2), (1, 3)]) == {
        (1, 2): ["x\ny", "1"],
        (1, 3): ["z", "2"],
    }


@pytest.mark.parametrize("text", ["a,b\r\n\r\nc\r\n", "a,b\n\nc", "a,b\r\rc\r", "a,b,,\n\n c\n", "\t甲\t,b\n,\n"])
def test_records_without_quotes_are_what_they_are_with_them(text: str) -> None:
    """The quick way (no quotes in the file) and the csv module's give the same rows."""
    [plain], [quoted] = read_table(text.encode(), "t.csv"), read_table(text.encode() + b'\n"z"', "t.csv")
    width = plain.rows.width
    assert plain.rows.rows() == [row[:width] for row in quoted.rows.rows()[: plain.rows.height]]
    assert quoted.rows.height - plain.rows.height <= 2


def test_xlsx_keeps_leading_blank_rows_and_columns() -> None:
    [first, second] = read_table(xlsx_bytes({"甲": [[], [], ["", "", "x"]], "乙": []}), "t.xlsx")
    assert first.rows.to_dict(as_series=False) == {"2": [None, None, "x"]}
    assert (second.index, second.rows.height) == (2, 0)


def test_cells_of_a_workbook_are_text() -> None:
    """A number of more than 15 digits keeps the mark of what the number cell lost."""
    row = [
        12,
        12.5,
        0.123456,
        True,
        date(2020, 3, 5),
        datetime(2020, 3, 5, 9, 30),
        "12.0",
        532822199001011234,
        999999999999999,
    ]
    assert cells_at(xlsx_bytes({"s": [row]}), "t.xlsx", [(1, 1)])[1, 1] == [
        "12", "12.5", "0.123456", "TRUE", "2020-03-05", "2020-03-05 09:30:00", "12.0", "5.328221990010113e+17", "999999999999999",
    ]  # fmt: skip


def xls_bytes() -> bytes:
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet("名册")
    page.write(2, 1, "张测试")
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def test_xls_is_read_whatever_its_name_says() -> None:
    assert cells_at(xls_bytes(), "名册.csv", [(1, 3)]) == {(1, 3): ["", "张测试"]}


@pytest.mark.parametrize("kept", [600, 2000, 4000])
def test_a_workbook_cut_off_is_unreadable(kept: int) -> None:
    for data in (xls_bytes(), xlsx_bytes({"s": [["户编号"]] * 50})):
        with pytest.raises(Unreadable):
            read_table(data[:kept], "t.xls")


def test_only_the_head_is_read_when_only_the_head_is_wanted() -> None:
    rows = [["甲", str(i)] for i in range(1000)]
    for data, name in ((csv_bytes(rows, "gb18030"), "t.csv"), (xlsx_bytes({"s": rows}), "t.xlsx")):
        [sheet] = read_table(data, name, rows=3)
        assert sheet.rows.rows() == [("甲", "0"), ("甲", "1"), ("甲", "2")]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "empty_file"),
        (b" \r\n", "empty_file"),
        (b"PK\x03\x04 cut off", "unreadable_file"),
        (b"\xd0\xcf\x11\xe0 cut off", "unreadable_file"),
        (b"%PDF-1.4\n\x00\x01", "unreadable_file"),
        (b"<html><table></table></html>", "unreadable_file"),
        (b"\xff\xff\xff\xff", "unreadable_file"),
        ('户编号,姓名\r\n"0012,张测试\r\n0013,李测试\r\n'.encode(), "unreadable_file"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_so(data: bytes, rule: str) -> None:
    with pytest.raises(Unreadable) as error:
        read_table(data, "t.xlsx")
    assert error.value.rule == rule
    assert error.value.message and error.value.remedy


def test_a_cell_far_out_costs_nothing() -> None:
    rows = [["甲"], ["乙", *[""] * 16_000, "远"]]
    [sheet] = read_table(xlsx_bytes({"s": rows}), "t.xlsx")
    assert sheet.rows.columns == ["0", "16001"]
    assert cells_at(csv_bytes(rows), "t.csv", [(1, 2)])[1, 2] == rows[1]


def test_a_row_that_is_not_there_is_no_empty_row() -> None:
    with pytest.raises(KeyError):
        cells_at(csv_bytes([["a"]]), "t.csv", [(1, 2)])


@pytest.mark.parametrize("page", [10000, 10008, 936, 32768, 1200])
def test_an_xls_is_read_whatever_code_page_it_claims(page: int) -> None:
    """Excel for the Mac writes its own code page into a file whose texts are Unicode all the same."""
    data = xls_bytes()
    at = data.index(b"\x42\x00\x02\x00") + 4
    [sheet] = read_table(data[:at] + page.to_bytes(2, "little") + data[at + 2 :], "名册.xls")
    assert (sheet.name, sheet.rows.row(2)) == ("名册", ("张测试",))


def hidden_xlsx() -> bytes:
    import xlsxwriter

    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    for name in ("一", "二", "三"):
        page = book.add_worksheet(name)
        for r in range(4):
            page.write_row(r, 0, ["甲", "乙", r])
    book.get_worksheet_by_name("二").hide()
    book.get_worksheet_by_name("三").set_row(2, None, None, {"hidden": True})
    book.get_worksheet_by_name("三").set_column(1, 1, None, None, {"hidden": True})
    book.close()
    return data.getvalue()


def hidden_xls(rows: int) -> bytes:
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    for name in ("一", "二", "三"):
        page = book.add_sheet(name)
        for r in range(rows):
            for c, cell in enumerate(("甲", "乙", r)):
                page.write(r, c, cell)
    book.get_sheet(1).visibility = 1
    book.get_sheet(2).row(2).hidden = True
    book.get_sheet(2).col(1).hidden = True
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


@pytest.mark.parametrize("data", [hidden_xlsx(), hidden_xls(4), hidden_xls(900)], ids=["xlsx", "small xls", "xls"])
def test_what_a_workbook_hides_is_read_and_known(data: bytes) -> None:
    sheets = read_table(data, "t")
    assert [(s.hidden, s.hidden_rows, s.hidden_columns) for s in sheets] == [
        (False, (), ()), (True, (), ()), (False, (2,), (1,)),
    ]  # fmt: skip
    assert [s.rows[:4].rows() for s in sheets] == [[("甲", "乙", str(r)) for r in range(4)]] * 3


def test_tabs_that_pad_cells_are_no_delimiters() -> None:
    padded = "户编号\t,姓名\t,金额\t\r\n\t0012,张测试\t,\t8\t\r\n"
    [sheet] = read_table(padded.encode("gb18030"), "t.csv")
    assert [[(c or "").strip() for c in row] for row in sheet.rows.rows()] == [
        ["户编号", "姓名", "金额"],
        ["0012", "张测试", "8"],
    ]
    [tabs] = read_table("户编号\t金额\n0012\t1,234\n\t\n".encode(), "t.csv")
    assert tabs.rows.row(1) == ("0012", "1,234")


def test_used_ranges_of_a_whole_sheet_cost_little() -> None:
    rows = [["村", "户数"], ["甲", "1"]]
    [wide] = read_table(xlsx_bytes({"s": [[*rows[0], *[""] * 16_378, " "], rows[1]]}), "t.xlsx")
    assert wide.rows.width == 3
    [tall] = read_table(xlsx_bytes({"s": [*rows, *[[]] * 65_531, [" "]]}), "t.xlsx")
    assert tall.rows.height == 65_534


PERCENTS = (0.1972, 1 / 3, 1, 0.07, 0.285)
AS_SHOWN = ["19.72%", "33.33333333333333%", "100%", "7%", "28.5%"]


@pytest.mark.parametrize("number_format", ["0%", "0.00%", "0.0##%;-0.0%"])
@pytest.mark.parametrize("rows", [1, 500])
def test_a_number_shown_as_per_cent_is_read_as_shown(number_format: str, rows: int) -> None:
    import xlsxwriter
    import xlwt

    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    page, look = book.add_worksheet(), book.add_format({"num_format": number_format})
    plain = book.add_format({"num_format": '0.0"%"'})
    old_book = xlwt.Workbook()
    old_page, old_look = old_book.add_sheet("s"), xlwt.easyxf(num_format_str=number_format)
    old_plain = xlwt.easyxf(num_format_str='0.0"%"')
    for r in range(rows):
        for c, number in enumerate(PERCENTS):
            page.write_number(r, c, number, look)
            old_page.write(r, c, number, old_look)
        page.write_number(r, 5, 19.72, plain)
        page.write_string(r, 6, "0.5", look)
        old_page.write(r, 5, 19.72, old_plain)
        old_page.write(r, 6, "0.5", old_look)
    book.close()
    old = io.BytesIO()
    old_book.save(old)
    for content in (data.getvalue(), old.getvalue()):
        [sheet] = read_table(content, "t")
        assert set(sheet.rows.rows()) == {(*AS_SHOWN, "19.72", "0.5")} and sheet.rows.height == rows


def test_errors_and_formulas_without_a_value_are_not_blank() -> None:
    """The parser gives nothing for either; a formula whose value is an empty text has one."""
    import xlsxwriter
    import xlwt

    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    page = book.add_worksheet()
    for row in range(3000):
        page.write_formula(row, 0, "=1/0", None, "#DIV/0!")
        page.write_formula(row, 1, '=A1&"<"', None, "")
        page.write_formula(row, 2, "=A1+1", None, 5)
        page.write_formula(row, 3, "=A1", None, "甲")
        page.write_number(row, 4, row)
    book.close()
    [sheet] = read_table(data.getvalue(), "t.xlsx")
    assert sheet.rows.rows() == [("#DIV/0!", '=A1&"<"', "5", "甲", str(row)) for row in range(3000)]
    old_book = xlwt.Workbook()
    old_book.add_sheet("s").row(1).set_cell_error(2, "#DIV/0!")
    old = io.BytesIO()
    old_book.save(old)
    assert cells_at(old.getvalue(), "t.xls", [(1, 2)]) == {(1, 2): ["", "", "#DIV/0!"]}


def bomb(part: str) -> bytes:
    """A workbook of which one part unfolds to a thousand times its size."""
    import zipfile

    data = io.BytesIO(xlsx_bytes({"s": [["甲"]]}))
    whole = io.BytesIO()
    with zipfile.ZipFile(data) as parts, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as out:
        for name in parts.namelist():
            text = parts.read(name)
            out.writestr(
                name, text.replace(b"</sheetData>", b" " * (80 << 20) + b"</sheetData>") if name == part else text
            )
    return whole.getvalue()


def test_a_bomb_is_not_unfolded() -> None:
    with pytest.raises(Unreadable):
        read_table(bomb("xl/worksheets/sheet1.xml"), "t.xlsx")


def test_sheets_mostly_of_nothing_cost_what_is_in_them() -> None:
    corner = [["甲"], *[[]] * 40_000, [*[""] * 12_000, "乙"]]
    [sheet] = read_table(csv_bytes(corner), "t.csv")
    assert (sheet.rows.columns, sheet.rows.height) == (["0", "12000"], 40_002)
    assert sheet.rows[40_001, "12000"] == "乙"
    [commas] = read_table(b"a" + b"," * 3_000_000 + b"\nb", "t.csv")
    assert commas.rows.rows() == [("a",), ("b",)]


def test_more_columns_than_a_sheet_can_have_are_refused() -> None:
    for quote in (b"", b'"z"\n'):
        with pytest.raises(Unreadable):
            read_table(quote + b"a," * 16_385, "t.csv")
        assert read_table(quote + b"a," * 16_384, "t.csv")[0].rows.width == 16_384


def test_a_reader_that_sleeps_over_a_workbook_is_ended() -> None:
    worker = workbook._Worker()
    try:
        # it waits for the rest of the workbook, as one whose parser has locked up waits for nothing
        assert worker.ask(workbook._SIZE.pack(1 << 20), b"PK") is None
        assert not worker.alive
    finally:
        worker.end()


def test_a_file_that_cannot_be_read_is_refused_the_same_way_again() -> None:
    said = []
    for _ in range(2):
        with pytest.raises(Unreadable) as caught:
            read_table(b"PK\x03\x04 no workbook", "t.xlsx")
        said.append((caught.value.rule, caught.value.message))
    assert said[0] == said[1]
