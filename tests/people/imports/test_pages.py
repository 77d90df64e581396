"""导入人员 as a manager uses it: bring a file, look at it, confirm."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse, encode_multipart

from app.accounts import queries as account_queries
from app.accounts import services as account_services
from app.accounts.models import User
from app.audit.models import AuditEntry
from app.extensions import db
from app.kernel.permissions import Permission
from app.kernel.queue import queue
from app.mail.models import Mail
from app.people.imports import files, jobs, judging, services, store
from app.people.imports.files import Report, Sheet
from app.people.models import ImportState, PeopleImport
from app.units.models import Unit
from tests.conftest import SignIn
from tests.factories import accounts, roles, units
from tests.factories.imports import as_csv, as_xlsx, run_jobs, upload

ADDRESS = "/system/people/import"
TWO = (("李四", "lisi", "1001", "lisi@iom.example", ""), ("王五", "", "1002", "wang.wu@iom.example", "低温实验室"))


@pytest.fixture
def institute(app: Flask) -> Unit:
    return units.institute("物质研究所", code="IOM")


@pytest.fixture
def department(institute: Unit) -> Unit:
    return units.department(institute, "低温实验室")


@pytest.fixture
def browser(manager: User, sign_in: SignIn) -> FlaskClient:
    """Her pages are English, so that tests need not know how the words are translated."""
    browser = sign_in(manager)
    browser.post("/language", data={"language": "en"})
    return browser


def send(browser: FlaskClient, content: bytes | str, unit: Unit, name: str = "人员.csv") -> TestResponse:
    # encoded here: the test client would put a large form into a temporary file and forget it
    boundary, form = encode_multipart({"file": upload(content, name), "unit_id": str(unit.id)})
    return browser.post(ADDRESS, data=form, content_type=f'multipart/form-data; boundary="{boundary}"')


def bring(browser: FlaskClient, content: bytes | str, unit: Unit, name: str = "人员.csv") -> str:
    """Bring a file, have it read, and give the address of its import."""
    reply = send(browser, content, unit, name)
    assert reply.status_code == 302, reply.text
    run_jobs()
    return reply.headers["Location"]


def confirm(browser: FlaskClient, address: str, **choices: str) -> TestResponse:
    page = browser.get(address).text
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert version, page
    data = {"version": version[1], "known": "update", **choices}
    reply = browser.post(f"{address}/confirmation", data=data)
    run_jobs()
    return reply


def headcount() -> int:
    return db.session.scalar(select(func.count(User.id))) or 0


def the_import() -> PeopleImport:
    return db.session.scalars(select(PeopleImport)).one()


def test_nothing_is_written_until_it_is_confirmed(
    browser: FlaskClient, manager: User, institute: Unit, department: Unit
) -> None:
    before = headcount()
    address = bring(browser, as_csv(*TWO), institute)
    page = browser.get(address).text
    assert "All 2 rows will be taken over" in page
    assert "wang.wu" in page
    assert headcount() == before
    assert confirm(browser, address).status_code == 302
    li, wang = (account_queries.user_by_name(name) for name in ("lisi", "wang.wu"))
    assert li
    assert wang
    assert (li.real_name, li.email, li.staff_number, li.unit_id) == ("李四", "lisi@iom.example", "1001", institute.id)
    assert (wang.unit_id, wang.password_hash) == (department.id, None)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "people.imported")).one()
    assert (entry.object, entry.by_id, entry.unit_id) == ("人员.csv", manager.id, institute.id)
    assert (entry.details["new"], entry.address) == (2, "127.0.0.1")
    assert "/system/people?unit=" in browser.get(address).text


def test_the_answer_to_a_wrong_confirmation_turns_pages_of_the_preview(browser: FlaskClient, institute: Unit) -> None:
    address = bring(browser, as_csv(*(("", f"user{number}", "", "", "") for number in range(60))), institute)
    page = browser.post(f"{address}/confirmation", data={"version": "nonsense"})
    assert page.status_code == 422
    assert f'href="{address}?page=2"' in page.text


def test_whoever_is_changed_is_in_the_log_and_hears_of_a_new_address(
    browser: FlaskClient, manager: User, institute: Unit, department: Unit
) -> None:
    old = accounts.user("lisi", "李思", unit=institute, email="old@iom.example")
    wang = accounts.user("wang.wu", "王五", unit=institute, email="wang.wu@iom.example")
    confirm(browser, bring(browser, as_csv(*TWO), institute))
    db.session.expire_all()
    assert (old.email, old.email_by_id) == ("lisi@iom.example", manager.id)
    assert (wang.unit_id, wang.email_by_id) == (department.id, None)
    letters = db.session.scalars(select(Mail)).all()
    assert [letter.recipient for letter in letters] == ["old@iom.example"]
    entries = db.session.execute(
        select(AuditEntry.action, AuditEntry.object, AuditEntry.unit_id).where(AuditEntry.action.startswith("person."))
    ).all()
    assert set(entries) == {
        ("person.changed", "李思 (lisi)", institute.id),
        ("person.changed", "王五 (wang.wu)", institute.id),
        ("person.moved", "王五 (wang.wu)", department.id),
    }


def test_a_workbook_works_as_well(browser: FlaskClient, institute: Unit, department: Unit) -> None:
    rows = [("李四", "lisi", 1001, "lisi@iom.example", None), ("王五", None, "007", None, "物质研究所 / 低温实验室")]
    confirm(browser, bring(browser, as_xlsx(*rows), institute, "人员.xlsx"))
    li, wang = (account_queries.user_by_name(name) for name in ("lisi", "007"))
    assert li
    assert wang
    assert (li.staff_number, wang.staff_number, wang.unit_id) == ("1001", "007", department.id)


def test_every_faulty_row_is_named_and_left_out(browser: FlaskClient, institute: Unit, department: Unit) -> None:
    rows = [
        ("李四", "lisi", "1001", "lisi@iom.example", ""),
        ("", "nobody", "", "", ""),
        ("张三", "zhang san", "", "not an address", ""),
        ("李四", "lisi2", "1001", "", ""),
        ("王五", "wangwu", "", "", "没有的部门"),
        ("天文", "tianwen", "", "", "天文研究所"),
    ]
    units.institute("天文研究所")
    address = bring(browser, as_csv(*rows), institute)
    page = browser.get(address).text
    for row in (3, 4, 5, 6, 7):
        assert f"row {row}<" in page
    assert "The same as in row 2." in page
    mended = browser.get(f"{address}/faults.csv")
    text = mended.data.decode("utf-8-sig")
    assert mended.headers["Content-Disposition"].startswith("attachment")
    assert text.splitlines()[0] == "Row,Real name,User name,Staff number,E-mail,Unit,Problem"
    assert len(text.splitlines()) == 6
    assert "没有的部门" in text
    before = headcount()
    confirm(browser, address)
    assert headcount() == before + 1


def test_rows_to_mend_can_be_brought_again(browser: FlaskClient, institute: Unit) -> None:
    address = bring(browser, as_csv(("=1+1", "lisi", "", "", ""), ("+王", "wang wu", "", "", "")), institute)
    text = browser.get(f"{address}/faults.csv").data.decode("utf-8-sig")
    assert "'=1+1" in text
    assert "'+王" in text
    again = bring(browser, text.replace("'=1+1", "李四").replace("wang wu", "wangwu"), institute)
    page = browser.get(again).text
    assert "+王" in page
    confirm(browser, again)
    wang = account_queries.user_by_name("wangwu")
    assert wang is not None
    assert wang.real_name == "+王"


def test_known_people_are_updated_or_left_alone(
    browser: FlaskClient, institute: Unit, department: Unit, sign_in: SignIn
) -> None:
    person = accounts.user("person", "旧名", unit=institute, email="old@iom.example")
    person.staff_number = "77"
    db.session.commit()
    file = as_csv(("新名", "", "77", "", "低温实验室"))
    address = bring(browser, file, institute)
    page = browser.get(address).text
    assert "旧名" in page
    assert "新名" in page
    confirm(browser, address, known="skip")
    db.session.refresh(person)
    assert person.real_name == "旧名"
    confirm(browser, bring(browser, file, institute))
    db.session.refresh(person)
    assert (person.real_name, person.username, person.email) == ("新名", "person", "old@iom.example")
    assert person.unit_id == department.id
    assert person.password_hash
    page = browser.get(bring(browser, file, institute)).text
    assert "There is nothing to write." in page


def test_nobody_is_changed_who_is_out_of_reach_or_holds_more(
    browser: FlaskClient, institute: Unit, admin: User
) -> None:
    elsewhere = accounts.user("elsewhere", "别处", unit=units.institute("天文研究所"))
    stronger = roles.holding(accounts.user("stronger", "更强", unit=institute), Permission.CREDIT_RULES)
    closed = accounts.user("closed", "离职", unit=institute)
    account_services.close_account(closed)
    people = (elsewhere, stronger, closed, admin)
    file = as_csv(*[("换名", one.username, "", f"{one.username}@evil.example", "") for one in people])
    address = bring(browser, file, institute)
    page = browser.get(address).text
    assert f"{ADDRESS}/" in address
    assert "/confirmation" not in page, "there is nothing to confirm"
    for one in people:
        db.session.refresh(one)
        assert one.real_name != "换名"
    assert the_import().counts["faulty"] == 4


def test_invitations_go_to_new_people_with_an_address(
    browser: FlaskClient, app: Flask, institute: Unit, department: Unit
) -> None:
    person = accounts.user("person", "旧名", unit=institute, email="old@iom.example")
    rows = [*TWO, ("赵六", "zhaoliu", "", "", ""), ("新名", "person", "", "", "")]
    address = bring(browser, as_csv(*rows), institute)
    confirm(browser, address, invite="y")
    mails = db.session.scalars(select(Mail).order_by(Mail.recipient)).all()
    assert [mail.recipient for mail in mails] == ["lisi@iom.example", "wang.wu@iom.example"]
    assert person.real_name == "新名"
    assert the_import().counts["invited"] == 2
    link = re.search(r"http://localhost(/password/\S+)", mails[0].text)
    assert link
    password = "four stones make a bridge"
    visitor = app.test_client()
    assert visitor.post(link[1], data={"password": password, "repeat": password}).status_code == 302
    assert "李四" in visitor.get("/").text


def test_twice_confirmed_is_written_once(browser: FlaskClient, institute: Unit, department: Unit) -> None:
    address = bring(browser, as_csv(*TWO), institute)
    before = headcount()
    version = the_import().version
    for _ in range(2):
        reply = browser.post(f"{address}/confirmation", data={"version": version, "known": "update", "invite": "y"})
        assert reply.status_code == 302
    jobs.write.later(the_import().id)
    run_jobs()
    assert browser.post(f"{address}/confirmation", data={"version": version, "known": "update"}).status_code == 302
    run_jobs()
    assert headcount() == before + 2
    assert len(db.session.scalars(select(Mail)).all()) == 2
    assert browser.delete(address).status_code == 409


def test_what_was_not_seen_is_not_written(browser: FlaskClient, institute: Unit, department: Unit) -> None:
    address = bring(browser, as_csv(*TWO), institute)
    accounts.user("lisi", "另一个", unit=units.institute("天文研究所"))
    confirm(browser, address)
    found = the_import()
    assert (found.state, found.problem, found.version) == (ImportState.READY, "changed", 2)
    assert account_queries.user_by_name("wang.wu") is None
    reply = browser.post(f"{address}/confirmation", data={"version": 1, "known": "update"})
    assert reply.status_code == 409
    confirm(browser, address)
    assert the_import().state is ImportState.DONE
    assert account_queries.user_by_name("wang.wu") is not None


def test_what_changes_while_it_is_judged_is_judged_again(
    browser: FlaskClient, institute: Unit, department: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = bring(browser, as_csv(*TWO), institute)
    judge = judging.judge

    def judge_slowly(rows, world):
        judgement = judge(rows, world)
        monkeypatch.setattr(judging, "judge", judge)
        accounts.user("lisi", "另一个", unit=units.institute("天文研究所"))
        return judgement

    monkeypatch.setattr(judging, "judge", judge_slowly)
    confirm(browser, address)
    assert (the_import().state, the_import().problem) == (ImportState.READY, "changed")
    assert account_queries.user_by_name("wang.wu") is None


def test_a_name_taken_in_the_same_instant_spoils_nothing(
    browser: FlaskClient, institute: Unit, department: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between judging and writing somebody gets a user name: in PostgreSQL another can, whatever is locked."""
    address = bring(browser, as_csv(*TWO), institute)
    before = headcount()

    def insert_twice(judgement, by):
        insert_once(judgement, by)
        insert_once(judgement, by)

    insert_once = jobs._insert
    monkeypatch.setattr(jobs, "_insert", insert_twice)
    confirm(browser, address)
    assert (the_import().state, the_import().problem) == (ImportState.READY, "changed")
    assert headcount() == before


def test_a_dead_job_can_be_started_again(browser: FlaskClient, app: Flask, institute: Unit, department: Unit) -> None:
    reply = send(browser, as_csv(*TWO), institute)
    address = reply.headers["Location"]
    app.extensions["queue"].flush()  # the jobs process took it and was killed
    page = browser.get(address, headers={"HX-Request": "true"}).text
    assert 'hx-trigger="every 500ms, look"' in page
    assert "<html" not in page
    assert "/attempts" not in page
    _let_time_pass()
    assert "/attempts" in browser.get(address).text
    assert browser.post(f"{address}/attempts").status_code == 302
    run_jobs()
    assert 'hx-trigger="every 500ms, look"' not in browser.get(address).text
    version = the_import().version
    browser.post(f"{address}/confirmation", data={"version": version, "known": "update", "invite": "y"})
    app.extensions["queue"].flush()
    assert browser.delete(address).status_code == 409, "somebody may be writing it"
    _let_time_pass()
    browser.post(f"{address}/attempts")
    run_jobs()
    assert the_import().state is ImportState.DONE
    assert account_queries.user_by_name("lisi")


def test_of_two_jobs_the_slower_one_spoils_nothing(
    browser: FlaskClient, institute: Unit, department: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = files.read

    def read_slowly(path: Path, report: Report) -> Sheet:
        monkeypatch.setattr(files, "read", read)
        jobs._read(the_import().id)
        return read(path, report)

    monkeypatch.setattr(files, "read", read_slowly)
    address = bring(browser, as_csv(*TWO), institute)
    assert the_import().version == 1
    confirm(browser, address)
    assert the_import().state is ImportState.DONE


def test_invitations_go_on_where_they_stopped(
    browser: FlaskClient, app: Flask, institute: Unit, department: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "INVITED_AT_ONCE", 1)
    address = bring(browser, as_csv(*TWO), institute)
    found = the_import()
    browser.post(f"{address}/confirmation", data={"version": found.version, "known": "update", "invite": "y"})
    app.extensions["queue"].flush()
    db.session.refresh(found)
    with jobs._as_asked(found.choices):
        jobs._write_people(found.id)
        assert jobs._invite_some(found.id)
    _let_time_pass()
    assert browser.delete(address).status_code == 409
    browser.post(f"{address}/attempts")
    run_jobs()
    assert the_import().state is ImportState.DONE
    recipients = [mail.recipient for mail in db.session.scalars(select(Mail))]
    assert sorted(recipients) == ["lisi@iom.example", "wang.wu@iom.example"]


def _let_time_pass() -> None:
    db.session.execute(update(PeopleImport).values(changed_ms=PeopleImport.changed_ms - 31_000))
    db.session.commit()


def test_an_import_is_thrown_away_with_its_files(browser: FlaskClient, institute: Unit, department: Unit) -> None:
    address = bring(browser, as_csv(*TWO), institute)
    folder = store.folder_of(the_import().id)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert "人员.csv" in browser.get(ADDRESS).text
    assert browser.post(f"{address}?_method=DELETE").status_code == 302
    assert not folder.exists()
    assert browser.get(address).status_code == 404


def test_a_job_whose_import_is_gone_leaves_nothing(browser: FlaskClient, institute: Unit) -> None:
    reply = send(browser, as_csv(*TWO), institute)
    browser.delete(reply.headers["Location"])
    run_jobs()
    assert db.session.scalars(select(PeopleImport)).all() == []


def test_old_imports_are_removed(app: Flask, browser: FlaskClient, institute: Unit, department: Unit) -> None:
    bring(browser, as_csv(*TWO), institute)
    services.forget_old()
    folder = store.folder_of(the_import().id)
    assert folder.exists()
    with time_machine.travel(timedelta(days=8), tick=True):
        services.forget_old()
    assert not folder.exists()
    assert db.session.scalars(select(PeopleImport)).all() == []


@pytest.mark.parametrize("name", ["a\0b\x01.csv", "\u202ecsv.exe" + "长" * 300, "../../etc/passwd", " "])
def test_whatever_a_file_is_called(browser: FlaskClient, institute: Unit, department: Unit, name: str) -> None:
    form = {"file": (upload(as_csv(*TWO)).stream, name), "unit_id": str(institute.id)}
    reply = browser.post(ADDRESS, data=form)
    assert reply.status_code in {302, 422}
    if reply.status_code == 302:
        run_jobs()
        assert browser.get(reply.headers["Location"]).status_code == 200
        assert the_import().state is ImportState.READY


def test_an_import_without_its_files_says_so(browser: FlaskClient, institute: Unit, department: Unit) -> None:
    address = bring(browser, as_csv(*TWO), institute)
    shutil.rmtree(store.folder_of(the_import().id))
    page = browser.get(address)
    assert page.status_code == 200
    assert "/confirmation" not in page.text
    assert browser.get(f"{address}/faults.csv").status_code == 404


def test_who_may_see_an_import(
    browser: FlaskClient, sign_in: SignIn, manager: User, institute: Unit, department: Unit
) -> None:
    address = bring(browser, as_csv(*TWO), department)
    other = roles.manager(accounts.user("other", unit=units.institute("天文研究所")))
    colleague = roles.manager(accounts.user("colleague", unit=institute))
    nobody = accounts.user("nobody", unit=institute)
    for person, status in ((other, 404), (colleague, 200), (nobody, 403)):
        assert sign_in(person).get(address).status_code == status
    assert send(browser, as_csv(*TWO), units.academy()).status_code == 422
    assert confirm(sign_in(colleague), address).status_code == 302
    assert the_import().state is ImportState.DONE


def test_who_lost_the_permission_writes_nothing(
    browser: FlaskClient, manager: User, institute: Unit, department: Unit
) -> None:
    address = bring(browser, as_csv(*TWO), institute)
    version = the_import().version
    browser.post(f"{address}/confirmation", data={"version": version, "known": "update"})
    account_services.close_account(manager)
    before = headcount()
    run_jobs()
    assert (the_import().state, the_import().problem) == (ImportState.FAILED, "no_right")
    assert headcount() == before


def test_templates_can_be_filled_in_and_brought(browser: FlaskClient, institute: Unit, department: Unit) -> None:
    for ending in ("xlsx", "csv"):
        template = browser.get(f"{ADDRESS}/template.{ending}")
        assert template.status_code == 200
        reply = send(browser, template.data, institute, f"人员.{ending}")
        run_jobs()
        page = browser.get(reply.headers["Location"]).text
        assert "no_rows" in {one.problem for one in db.session.scalars(select(PeopleImport))}
        assert "/confirmation" not in page
    filled = browser.get(f"{ADDRESS}/template.csv").data + "李四,lisi,1,,低温实验室\r\n".encode()
    confirm(browser, bring(browser, filled, institute))
    assert account_queries.user_by_name("lisi")
    assert account_queries.user_by_name("liming") is None


def test_the_template_speaks_the_language_of_the_screen(browser: FlaskClient) -> None:
    header = browser.get(f"{ADDRESS}/template.csv").data.decode("utf-8-sig").splitlines()[0]
    assert header == "Real name,User name,Staff number,E-mail,Unit"
    browser.post("/language", data={"language": "zh_CN"})
    header = browser.get(f"{ADDRESS}/template.csv").data.decode("utf-8-sig").splitlines()[0]
    assert header == "真实姓名,用户名,工号,邮箱,机构"


def test_what_cannot_be_taken_is_said_beside_the_field(browser: FlaskClient, institute: Unit) -> None:
    assert browser.post(ADDRESS, data={"unit_id": institute.id}).status_code == 422
    assert send(browser, b"", institute).status_code == 422
    large = send(browser, b"x" * 10_200_000, institute)
    assert large.status_code == 413
    assert 'id="file-errors"' in large.text
    assert db.session.scalars(select(PeopleImport)).all() == []


def test_large_files_are_read_of_those_who_are_signed_in_only(app: Flask, client: FlaskClient, browser: FlaskClient,
                                                               institute: Unit) -> None:  # fmt: skip
    file = as_csv(*TWO) + "," * 2_000_000
    assert send(browser, file, institute).status_code == 302
    assert send(client, file, institute).status_code in {302, 401, 413}
    assert browser.post("/system/people/new", data={"real_name": "x" * 2_000_000}).status_code == 413


def test_long_lists_of_faults_are_paged(browser: FlaskClient, institute: Unit) -> None:
    address = bring(browser, as_csv(*[("", f"user{number}", "", "", "") for number in range(120)]), institute)
    assert "row 2<" in browser.get(address).text
    last = browser.get(f"{address}?page=3").text
    assert "row 121<" in last
    assert "row 2<" not in last


def test_what_a_killed_jobs_process_left_goes_on_by_itself(browser: FlaskClient, institute: Unit) -> None:
    read = send(browser, as_csv(*TWO), institute).headers["Location"]
    queue().flush()  # its call died with the process
    services.resume()
    run_jobs()
    assert the_import().state is ImportState.READY

    browser.post(f"{read}/confirmation", data={"version": "1", "known": "update"})
    queue().flush()
    services.resume()
    run_jobs()
    assert the_import().state is ImportState.DONE
    assert db.session.scalar(select(func.count()).where(User.username == "lisi")) == 1
    services.resume()
    assert queue().pending_count() == 0, "nothing is left to do"


def test_an_import_that_kills_its_process_each_time_is_left_to_people(browser: FlaskClient, institute: Unit) -> None:
    send(browser, as_csv(*TWO), institute)
    for _ in range(services.MOST_ATTEMPTS):
        queue().flush()
        services.resume()
        assert queue().pending_count() == 1
    queue().flush()
    services.resume()
    assert queue().pending_count() == 0
