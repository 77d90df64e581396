"""Every kind of file that managers bring, and what only calls itself so: rows come out, or a sentence."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from app.people.imports import files, views
from app.people.imports.cells import LONGEST, Column, Fault, clean, read_cell, text_of
from app.people.imports.files import Problem, Sheet, Unreadable
from tests.factories.imports import as_csv, as_xlsx, saved

LI = ("李四", "lisi", "1001", "lisi@iom.example", "低温实验室")
CELLS = dict(zip(Column, LI, strict=True))

Read = Callable[[bytes | str], Sheet]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(content: bytes | str) -> Sheet:
        file = tmp_path / "upload"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return files.read(file, lambda _percent: None)

    return read


def problem(read: Read, content: bytes | str) -> Problem:
    with pytest.raises(Unreadable) as caught:
        read(content)
    return caught.value.problem


def book(*rows: tuple[object, ...]) -> Workbook:
    made = Workbook()
    for row in rows:
        made.worksheets[0].append(row)
    return made


def changed(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return a workbook with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == part else data)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_in_every_encoding_and_with_every_separator(read: Read, encoding: str, delimiter: str) -> None:
    (row,) = read(as_csv(LI, delimiter=delimiter).encode(encoding)).rows
    assert (row.number, row.cells, row.faults) == (2, CELLS, [])


def test_columns_in_any_order_and_language(read: Read) -> None:
    header = ("E-Mail Address", "备注", "Staff No.", "Department", "Full Name (必填)", "*用户名：")
    sheet = read(as_csv(("lisi@iom.example", "x", "1001", "低温实验室", "李四", "lisi"), header=header))
    assert sheet.rows[0].cells == CELLS
    assert sheet.ignored == ["备注"]


def test_of_two_columns_with_one_meaning_the_first_counts(read: Read) -> None:
    sheet = read(as_csv(("李四", "1", "物理所", "低温"), header=("姓名", "工号", "单位", "部门")))
    assert sheet.rows[0].cells[Column.UNIT] == "物理所"
    assert sheet.ignored == ["部门"]


def test_titles_above_and_blanks_between_are_passed_over(read: Read) -> None:
    text = "sep=;\r\n人员名单;;\r\n\r\n" + as_csv(LI, ("", "", "", "", ""), LI, delimiter=";")
    assert [row.number for row in read(text).rows] == [5, 7]
    made = book(("人员名单",), (), ("姓名", "工号"), ("李四", 1), (None, None), ("王五", 2), ("  ", ""))
    made.worksheets[0].merge_cells("A1:E1")
    assert [row.number for row in read(saved(made)).rows] == [4, 6]


def test_numbers_and_dates_are_read_as_they_look(read: Read) -> None:
    header = ("姓名", "工号")
    values = (1001, "007", 1001.0, 1.5, True, date(2024, 1, 2), datetime(2024, 1, 2), 12345678901234567)  # noqa: DTZ001
    rows = read(as_xlsx(*[("李四", value) for value in values], header=header)).rows
    numbers = [row.cells[Column.STAFF_NUMBER] for row in rows]
    assert numbers[:7] == ["1001", "007", "1001", "1.5", "TRUE", "2024-01-02", "2024-01-02"]
    assert rows[7].faults == [(Column.STAFF_NUMBER, Fault.DIGITS_LOST)]


def test_a_number_that_its_format_fills_with_zeros_keeps_them(read: Read) -> None:
    made = book(("姓名", "工号"), ("李四", 42), ("王五", 1234567), ("赵六", 42), ("孙七", 12345678901234567))
    for line, shown in ((2, "00000"), (3, "00000"), (4, "0.00"), (5, "0" * 18)):
        made.worksheets[0][f"B{line}"].number_format = shown
    rows = read(saved(made)).rows
    assert [row.cells[Column.STAFF_NUMBER] for row in rows[:3]] == ["00042", "1234567", "42"]
    assert rows[3].faults == [(Column.STAFF_NUMBER, Fault.DIGITS_LOST)]


def test_ends_of_lines_in_a_workbook_are_blanks(read: Read) -> None:
    (row,) = read(as_xlsx(("李四_x000D_\n", "li_x0041_si", "1_x0009_", None, "物理所_x000D_\n低温"))).rows
    assert row.cells == {
        Column.REAL_NAME: "李四",
        Column.USERNAME: "li_x0041_si",
        Column.STAFF_NUMBER: "1",
        Column.UNIT: "物理所 低温",
    }


def test_ignored_headers_are_one_clean_line(read: Read) -> None:
    assert read(as_csv(LI, header=("姓名", "用户名", "工号", "邮箱", "备\u202e注\n "))).ignored == ["备注"]


def test_letters_are_made_plain(read: Read) -> None:
    (row,) = read(as_csv(("　李\u200b 四 ", "Ｌｉｓｉ", "１００１", "lisi＠iom.example", "物理所\n／低温"))).rows
    assert row.cells == {
        Column.REAL_NAME: "李 四",
        Column.USERNAME: "Lisi",
        Column.STAFF_NUMBER: "1001",
        Column.EMAIL: "lisi@iom.example",
        Column.UNIT: "物理所 /低温",
    }


def test_what_cannot_be_stored_is_named(read: Read) -> None:
    (row,) = read(as_csv(("李\ue863", "lisi", "", "", ""))).rows
    assert row.faults == [(Column.REAL_NAME, Fault.ODD_CHARACTERS)]
    assert row.cells[Column.REAL_NAME] == "李�"


def test_a_name_newer_than_the_tables_of_unicode_is_a_name(read: Read) -> None:
    (row,) = read(as_csv(("\U0002ebf0建国", "jianguo", "", "", ""))).rows
    assert (row.faults, row.cells[Column.REAL_NAME]) == ([], "\U0002ebf0建国")


def test_formulas_and_their_errors_are_named(read: Read) -> None:
    (row,) = read(as_csv(("=HYPERLINK(1)", "lisi", "#N/A", "", ""))).rows
    assert row.faults == [(Column.REAL_NAME, Fault.FORMULA), (Column.STAFF_NUMBER, Fault.FORMULA)]
    (row,) = read(as_xlsx(("=1+1", "lisi", "", "", ""))).rows
    assert Column.REAL_NAME not in row.cells, "no spreadsheet has worked it out"


def test_huge_cells_are_named_and_not_kept(read: Read) -> None:
    for content in (as_csv(("李" * 40_000, "lisi", "", "", "")), as_xlsx(("李" * 30_000, "lisi", "", "", ""))):
        (row,) = read(content).rows
        assert row.faults == [(Column.REAL_NAME, Fault.TOO_LONG)]
        assert len(row.cells[Column.REAL_NAME]) < 100


def test_merged_cells_are_named(read: Read) -> None:
    made = book(("姓名", "工号", "机构"), ("李四", 1, "低温"), ("王五", 2, None), ("赵六", 3, "光学"))
    made.worksheets[0].merge_cells("C2:C3")
    rows = read(saved(made)).rows
    assert [row.faults for row in rows] == [[], [(Column.UNIT, Fault.MERGED)], []]


def test_the_sheet_with_the_header_is_found(read: Read) -> None:
    made = book(("使用说明",))
    made.create_sheet("人员").append(("姓名", "工号"))
    made.worksheets[1].append(("李四", 1))
    assert len(read(saved(made)).rows) == 1


def test_what_a_workbook_says_about_its_size_is_not_believed(read: Read) -> None:
    content = as_xlsx(LI, LI)
    for lie in (b"A1:A1", b"A1:XFD1048576", b"nonsense"):
        rename = lambda xml, lie=lie: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="' + lie + b'"', xml)  # noqa: E731
        lying = changed(content, "xl/worksheets/sheet1.xml", rename)
        try:
            assert len(read(lying).rows) == 2
        except Unreadable as error:
            assert error.problem is Problem.NOT_A_TABLE  # noqa: PT017


def test_a_row_far_below_costs_nothing(read: Read) -> None:
    far = changed(as_xlsx(LI), "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'r="2"', b'r="1048576"'))
    assert problem(read, far) in {Problem.TOO_MANY_ROWS, Problem.NOT_A_TABLE}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", Problem.EMPTY),
        (b"\n\n , ,\n", Problem.EMPTY),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on", Problem.OLD_EXCEL),
        (b"PK\x03\x04 and nothing behind it", Problem.NOT_A_TABLE),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", Problem.NOT_A_TABLE),
        (b"\x93\xff\xfa\xff", Problem.ENCODING),
        ("姓名,电话\n李四,1\n", Problem.NO_HEADER),
        ("姓名\n李四\n", Problem.NO_HEADER),
        ("\n".join(f"line {number}" for number in range(50)), Problem.NO_HEADER),
        (as_csv(), Problem.NO_ROWS),
        (as_csv(("", "", "", "", ""), ("  ", "", "", "", "")), Problem.NO_ROWS),
        (as_csv() + "x,y\n" * 20_001, Problem.TOO_MANY_ROWS),
        (saved(Workbook()), Problem.EMPTY),
        (as_xlsx(), Problem.NO_ROWS),
        (as_xlsx(LI, header=("a", "b")), Problem.NO_HEADER),
    ],
)
def test_what_is_of_no_use_is_said(read: Read, content: bytes | str, expected: Problem) -> None:
    assert problem(read, content) is expected


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return out.getvalue()


def test_archives_that_are_no_workbooks(read: Read) -> None:
    assert problem(read, zipped({"a.txt": b"x"})) is Problem.NOT_A_TABLE
    assert problem(read, zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"})) is Problem.NOT_A_TABLE
    assert problem(read, zipped({"a.xml": b"0" * 90_000_000})) is Problem.TOO_LARGE
    assert problem(read, zipped({f"{number}": b"" for number in range(2001)})) is Problem.TOO_LARGE


def test_bombs_do_not_go_off(read: Read) -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    content = as_xlsx(LI)
    assert problem(read, changed(content, "xl/workbook.xml", lambda _xml: laughs)) is Problem.NOT_A_TABLE
    merged = b"".join(b'<mergeCell ref="A1:XFD1048576"/>' for _ in range(100))
    bomb = changed(
        content, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"</sheetData>", b"</sheetData>" + merged)
    )
    assert problem(read, bomb) is Problem.NOT_A_TABLE


def test_a_small_file_does_not_grow_in_memory(read: Read) -> None:
    """What is a hundred kilobytes here would be gigabytes, and minutes, as a tree."""
    content = as_xlsx(LI)

    def stuffed(part: str, before: bytes, stuffing: bytes) -> bytes:
        return changed(content, part, lambda xml: xml.replace(before, stuffing + before))

    for bomb in (
        stuffed("xl/styles.xml", b"</cellXfs>", b"<xf/>" * 500_000),
        stuffed("xl/workbook.xml", b"</sheets>", b"<sheet/>" * 300_000),
        stuffed("xl/worksheets/sheet1.xml", b"</sheetData>", b"<x/>" * 6_000_000),
    ):
        assert len(bomb) < 100_000
        assert problem(read, bomb) is Problem.TOO_LARGE


def test_parts_are_looked_at_to_their_end(read: Read) -> None:
    content = as_xlsx(LI)
    late = b"<!--" + b" " * 5000 + b'--><!DOCTYPE x [<!ENTITY a "ha">]><x>&a;</x>'
    assert problem(read, changed(content, "xl/workbook.xml", lambda _xml: late)) is Problem.NOT_A_TABLE
    drawn = io.BytesIO(content)
    with zipfile.ZipFile(drawn, "a") as parts:
        parts.writestr("xl/media/image1.svg", late)
    assert len(read(drawn.getvalue()).rows) == 1, "a picture is left alone"


def test_a_workbook_cut_off_anywhere_is_said_to_be_unreadable(read: Read) -> None:
    content = as_xlsx(LI)
    for length in range(8, len(content), 97):
        with pytest.raises(Unreadable):
            read(content[:length])


def test_a_number_keeps_what_its_format_writes_to_it(read: Read) -> None:
    made = book(("姓名", "工号"))
    sheet = made.worksheets[0]
    formats = ('"WL"0000', '0000"号"', "\\W\\L-000", '"WL"General', '"WL"#;@', "0000", "General", "0", "#,##0")
    for number_format in formats:
        sheet.append(("李四", 7))
        sheet.cell(sheet.max_row, 2).number_format = number_format
    numbers = [row.cells[Column.STAFF_NUMBER] for row in read(saved(made)).rows]
    assert numbers == ["WL0007", "0007号", "WL-007", "WL7", "WL7", "0007", "7", "7", "7"]


def test_a_height_far_below_the_last_person_is_nobody(read: Read) -> None:
    tall = b'<row r="1048576" ht="12.8" customHeight="1"></row></sheetData>'
    content = changed(as_xlsx(LI), "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"</sheetData>", tall))
    assert len(read(content).rows) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_file_that_was_cut_within_a_letter_is_said_to_be(read: Read, encoding: str) -> None:
    whole = "姓名,工号,用户名\n李四,1,lisi\n王五,2,王".encode(encoding)
    assert len(read(whole).rows) == 2
    assert problem(read, whole[:-1]) is Problem.CUT


def test_every_problem_and_fault_has_its_sentence(app: Flask) -> None:
    with app.test_request_context():
        assert all(views.problem_sentence(one) for one in Problem)
        assert set(views._FAULTS) == set(Fault)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.datetimes(), st.binary()))
def test_whatever_a_cell_holds_becomes_one_clean_line(value: object) -> None:
    text, fault = read_cell(value, 64)
    assert text == " ".join(text.split())
    assert len(text) <= 81
    assert text.isprintable() or any(one in text for one in "\ufffd\u00ad") or clean(text) == text
    text.encode()
    assert clean(text) == text or fault or text_of(value).startswith("'")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_whatever_bytes_come_are_read_or_refused(read: Read, data: bytes) -> None:
    for content in (data, b"PK" + data, "姓名,工号\n".encode() + data):
        try:
            sheet = read(content)
        except Unreadable:
            continue
        assert all(len(text) <= LONGEST[column] for row in sheet.rows for column, text in row.cells.items())
