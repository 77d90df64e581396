"""A list of hours that were earned elsewhere: looked at first, written when confirmed, each line within reach."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook

from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.credits.ledger import queries, verifying
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from tests.conftest import SignIn
from tests.factories import accounts, roles, units

HEADS = ["姓名", "工号", "学习内容", "学时", "类别", "日期", "原因"]


@pytest.fixture
def people(app: Flask) -> list[User]:
    """The manager, two of her people, and somebody of another institute."""
    here = units.institute()
    manager = roles.manager(accounts.user("manager", "主管", unit=here))
    hers = [accounts.user("a", "王一", unit=here), accounts.user("b", "王二", unit=units.department(here))]
    stranger = accounts.user("c", "王三", unit=units.institute())
    with unit_of_work():
        for number, one in enumerate([manager, *hers, stranger]):
            one.staff_number = f"00{number}"
    return [manager, *hers, stranger]


def workbook(*rows: list[object]) -> io.BytesIO:
    book = Workbook()
    for row in [HEADS, *rows]:
        book.worksheets[0].append(row)
    written = io.BytesIO()
    book.save(written)
    written.seek(0)
    return written


def bring(browser: FlaskClient, file: io.BytesIO, name: str = "学时.xlsx") -> str:
    reply = browser.post("/manage/credits/import", data={"file": (file, name)})
    assert reply.status_code == 302, reply.text
    return str(reply.location)


def seen(page: str) -> str:
    return page.partition('name="seen" value="')[2].partition('"')[0]


def test_what_is_fine_is_written_and_the_rest_named(sign_in: SignIn, people: list[User]) -> None:
    manager, one, two, stranger = people
    good = ["省培训班", 8, "公需科目", "2026-03-01", "证书"]
    browser = sign_in(manager)
    address = bring(browser, workbook(
        ["王一", "001", *good], ["王二", "002", "研修", "4.5", "", "2026年4月2日", "证书"], ["王三", "003", *good],
        ["主管", "000", *good], ["王五", "001", *good], ["", "009", *good],
        ["王一", "001", "x", "viel", "", "2026-03-01", "y"],
        ["王一", "001", "x", 1, "烹饪", "2026-03-01", "y"], ["王一", "001", "x", 1, "", "2126-03-01", "y"],
    ))  # fmt: skip
    page = browser.get(address).text
    assert "2 行可导入" in page
    assert "7 行不导入" in page
    for sentence in (
        "不属于本机构",
        "不能更改自己的学时",
        "与账号姓名不符",
        "没有使用此工号",
        "没有这个类别",
        "日期有误",
    ):
        assert sentence in page
    assert browser.post(address, data={"seen": "other"}).location.endswith(address)
    assert queries.entries_of(one.id) == []
    assert browser.post(address, data={"seen": seen(page)}).status_code == 302
    (entry,) = queries.entries_of(one.id)
    assert (entry.title, entry.hours, entry.category, entry.kind) == ("省培训班", 8, "general", "brought")
    assert [str(found.hours) for found in queries.entries_of(two.id)] == ["4.5"]
    assert queries.entries_of(stranger.id) == []
    assert next(verifying.verify(verifying.Report()), None) is None
    assert [found.object for found in db.session.query(AuditEntry) if found.action == Action.CREDITS_IMPORTED]
    assert browser.get(address).status_code == 404  # what is written cannot be written twice


def test_a_csv_file_does_as_well(sign_in: SignIn, people: list[User]) -> None:
    text = "username,title,hours,date,reason\na,Course,2,2026-03-01,seen\n"
    browser = sign_in(people[0])
    assert "1 行可导入" in browser.get(bring(browser, io.BytesIO(text.encode()), "x.csv")).text


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"nothing,of,use\n1,2,3\n", b"\xd0\xcf\x11\xe0"])
def test_a_file_that_is_no_list_is_told_so(sign_in: SignIn, people: list[User], content: bytes) -> None:
    reply = sign_in(people[0]).post("/manage/credits/import", data={"file": (io.BytesIO(content), "x.xlsx")})
    assert reply.status_code == 422
    assert "请" in reply.text


def test_nobody_sees_or_confirms_the_list_of_another(sign_in: SignIn, people: list[User]) -> None:
    address = bring(sign_in(people[0]), workbook(["王一", "001", "x", 1, "", "2026-03-01", "y"]))
    other = sign_in(roles.manager(accounts.user(unit=people[0].unit)))
    assert other.get(address).status_code == 404
    assert other.post(address, data={"seen": "x"}).status_code == 404


def test_the_template_is_read_as_it_stands_and_does_nothing(sign_in: SignIn, people: list[User]) -> None:
    browser = sign_in(people[0])
    template = browser.get("/manage/credits/import/template.xlsx").data
    reply = browser.post("/manage/credits/import", data={"file": (io.BytesIO(template), "x.xlsx")})
    assert reply.status_code == 422
