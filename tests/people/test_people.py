"""人员 as a manager uses it."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from app.accounts import addresses
from app.accounts import queries as account_queries
from app.accounts.models import User
from app.audit.models import AuditEntry
from app.extensions import db
from app.kernel.permissions import Permission
from app.mail.models import Mail
from app.roles.models import BuiltIn
from app.roles.services import appoint
from app.units.models import Unit
from tests.conftest import SignIn
from tests.counting import count_queries
from tests.factories import accounts, roles, units
from tests.jobs import run_queued

LINK = re.compile(r"http://localhost(/password/[\w.-]+)")
FORM = {"real_name": "李四", "username": "lisi", "email": "LiSi@iom.example", "staff_number": "M77"}


@pytest.fixture
def browser(manager: User, sign_in: SignIn) -> FlaskClient:
    return sign_in(manager)


@pytest.fixture
def person(institute: Unit) -> User:
    return accounts.user("person", "张三", unit=units.department(institute), email="zhang@iom.example")


def address(person: User, deed: str = "") -> str:
    return f"/system/people/{person.id}{deed}"


def logged() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_new_person_is_invited_and_chooses_a_password(browser: FlaskClient, app: Flask, institute: Unit) -> None:
    reply = browser.post("/system/people/new", data={**FORM, "unit_id": institute.id, "invite": "y"})
    assert reply.status_code == 302
    user = account_queries.user_by_name("lisi")
    assert user is not None
    assert (user.email, user.staff_number, user.unit_id) == ("lisi@iom.example", "M77", institute.id)
    mail = db.session.scalars(select(Mail)).one()
    link = re.search(r"http://localhost(/password/\S+)", mail.text)
    assert link
    new = app.test_client()
    password = "four stones make a bridge"
    assert new.post(link[1], data={"password": password, "repeat": password}).status_code == 302
    assert "李四" in new.get("/").text
    assert {"person.created", "password.link_made", "password.changed"} <= set(logged())


def test_an_address_that_a_manager_typed_does_not_outlive_her_rank(
    browser: FlaskClient, app: Flask, manager: User, institute: Unit, person: User
) -> None:
    """She could become anybody later by having a password reset to an address of her own."""

    def reset() -> int:
        db.session.execute(delete(Mail))
        db.session.commit()
        app.test_client().post("/password/forgotten", data={"who": person.username})
        run_queued()
        letter = db.session.scalars(select(Mail)).one()
        link = re.search(r"http://localhost(?::8000)?(/password/[\w.-]+)", letter.text)
        assert link
        return app.test_client().get(link[1]).status_code

    browser.post(address(person), data={**FORM, "username": "person", "email": "mallory@iom.example"})
    assert reset() == 200, "as long as she may change the account anyway"
    roles.admin(person)
    assert reset() == 404
    addresses.confirm(addresses._links().dumps([person.id, "mallory@iom.example", "own@iom.example"]))
    assert reset() == 200, "her own address is hers"


def test_a_move_is_read_at_the_place_that_was_left_too(
    sign_in: SignIn, browser: FlaskClient, institute: Unit, person: User
) -> None:
    elsewhere = units.institute("天文研究所")
    admin = sign_in(roles.admin(accounts.user("admin")))
    admin.post(address(person, "/unit"), data={"unit_id": elsewhere.id})
    db.session.refresh(person)
    assert person.unit_id == elsewhere.id
    assert person.label in browser.get("/system/audit?action=person.moved").text
    department = units.department(institute, "搬走的实验室")
    admin.post(f"/system/units/{department.id}/place", data={"place-unit_id": elsewhere.id})
    db.session.refresh(department)
    assert department.parent_id == elsewhere.id
    assert "搬走的实验室" in browser.get("/system/audit?action=unit.moved").text


def test_what_somebody_else_has_is_said_beside_its_field(browser: FlaskClient, institute: Unit, person: User) -> None:
    person.staff_number = "M77"
    db.session.commit()
    for field, value in (("username", "PERSON"), ("email", "Zhang@iom.example"), ("staff_number", "M77")):
        form = {**FORM, "staff_number": "M78", "unit_id": institute.id, field: value}
        reply = browser.post("/system/people/new", data=form)
        assert reply.status_code == 409
        assert f'id="{field}-errors"' in reply.text
        assert 'value="李四"' in reply.text
    reply = browser.post("/system/people/new", data={**FORM, "email": "nonsense", "unit_id": institute.id})
    assert reply.status_code == 422


def test_a_person_is_corrected_moved_closed_and_reopened(
    browser: FlaskClient, sign_in: SignIn, institute: Unit, person: User
) -> None:
    own = sign_in(person)
    browser.post(address(person), data={**FORM, "username": "zhangsan"})
    db.session.refresh(person)
    assert (person.real_name, person.username) == ("李四", "zhangsan")
    browser.post(address(person, "/unit"), data={"unit_id": institute.id})
    db.session.refresh(person)
    assert person.unit_id == institute.id
    browser.post(address(person, "/closing"))
    assert own.get("/account").status_code == 302
    data = {"username": "zhangsan", "password": accounts.PASSWORD}
    assert own.post("/sign-in", data=data).status_code == 422
    browser.get("/system/people")  # takes the toast
    assert person.real_name not in browser.get("/system/people").text
    assert person.real_name in browser.get("/system/people?state=closed").text
    assert person.real_name in browser.get("/system/people?state=any").text
    browser.post(address(person, "/closing?_method=DELETE"))
    assert own.post("/sign-in", data=data).status_code == 302
    done = ["person.changed", "person.moved", "person.closed", "person.reopened"]
    assert [action for action in logged() if action in done] == done


def test_nobody_changes_the_account_of_somebody_who_holds_more(
    browser: FlaskClient, institute: Unit, manager: User
) -> None:
    director = accounts.user("director", unit=institute)
    appoint(director, BuiltIn.ADMINISTRATOR, institute)
    for deed, data in (
        ("", FORM),
        ("/closing", {}),
        ("/link", {}),
        ("/invitation", {}),
        ("/unit", {"unit_id": units.department(institute).id}),
    ):
        assert browser.post(address(director, deed), data=data).status_code == 403, deed
    assert "director" in browser.get(address(director)).text
    peer = roles.manager(accounts.user("peer", unit=institute))
    assert browser.post(address(peer, "/closing")).status_code == 302


def test_nobody_reaches_people_of_other_units(browser: FlaskClient, person: User) -> None:
    stranger = accounts.user("stranger", unit=units.institute())
    assert browser.get(address(stranger)).status_code == 404
    assert browser.post(address(stranger, "/closing")).status_code == 404
    assert browser.post(address(person, "/unit"), data={"unit_id": stranger.unit_id}).status_code == 422
    assert "stranger" not in browser.get("/system/people").text


def test_nobody_closes_her_own_account_and_an_administrator_remains(
    sign_in: SignIn, browser: FlaskClient, manager: User
) -> None:
    assert browser.post(address(manager, "/closing")).status_code == 409
    admin, other = roles.admin(accounts.user("admin")), roles.admin(accounts.user("other"))
    assert sign_in(admin).post(address(other, "/closing")).status_code == 302
    assert sign_in(admin).post(address(admin, "/closing")).status_code == 409


def test_a_link_to_hand_over_is_shown_once_and_works(browser: FlaskClient, app: Flask, institute: Unit) -> None:
    person = accounts.user("nomail", unit=institute)
    assert browser.post(address(person, "/invitation")).status_code == 409
    page = browser.post(address(person, "/link")).text
    link = re.search(r"http://localhost(/password/[\w.-]+)", page)
    assert link
    assert app.test_client().get(link[1]).status_code == 200
    assert "/password/" not in browser.get(address(person)).text
    assert "password.link_made" in logged()


def test_a_link_is_dead_once_its_owner_holds_more_than_whoever_made_it(
    browser: FlaskClient, app: Flask, institute: Unit, person: User
) -> None:
    browser.post(address(person, "/invitation"))
    handed_over = browser.post(address(person, "/link")).text
    mailed = db.session.scalars(select(Mail.text).where(Mail.recipient == person.email)).one()
    links = [LINK.search(text) for text in (handed_over, mailed)]
    open_ = app.test_client()
    roles.holding(person, Permission.LIVE_MANAGE)
    appoint(person, BuiltIn.TRAINING_MANAGER, institute)
    assert [open_.get(link[1]).status_code for link in links if link] == [200, 200], "she holds as much herself"
    appoint(person, BuiltIn.ADMINISTRATOR, institute)
    data = {"password": "four stones make a bridge", "repeat": "four stones make a bridge"}
    assert [open_.get(link[1]).status_code for link in links if link] == [404, 404]
    assert [open_.post(link[1], data=data).status_code for link in links if link] == [404, 404]


def test_nobody_is_invited_to_a_closed_account(browser: FlaskClient, person: User) -> None:
    browser.post(address(person, "/closing"))
    for deed in ("/link", "/invitation"):
        reply = browser.post(address(person, deed))
        assert reply.status_code == 409
        assert "此账号已停用" in reply.text


def test_the_owner_hears_at_her_old_address_that_a_manager_has_changed_it(browser: FlaskClient, person: User) -> None:
    browser.post(address(person), data=FORM)
    assert db.session.scalars(select(Mail.recipient)).all() == ["zhang@iom.example"]
    browser.post(address(person), data={**FORM, "real_name": "张三"})
    assert len(db.session.scalars(select(Mail.recipient)).all()) == 1, "the address was the same"


def test_without_a_mail_server_no_invitation_is_promised(
    browser: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch, institute: Unit, person: User
) -> None:
    browser.post(address(person, "/invitation"))
    assert "尚未配置邮件服务器" in browser.get(address(person)).text
    monkeypatch.setitem(app.config, "SMTP_HOST", "localhost")
    browser.post(address(person, "/invitation"))
    page = browser.get(address(person)).text
    assert "邀请已发往 zhang@iom.example" in page
    assert "尚未配置邮件服务器" not in page
    browser.post("/system/people/new", data={**FORM, "email": "", "unit_id": institute.id, "invite": "y"})
    assert "请在下方生成链接" in browser.get("/system/people").text


def test_when_somebody_was_here_is_known_after_she_has_signed_out(
    browser: FlaskClient, sign_in: SignIn, person: User
) -> None:
    own = sign_in(person)
    assert "已在 1 个浏览器登录" in browser.get(address(person)).text
    own.post("/sign-out")
    page = browser.get(address(person)).text
    assert "最近登录" in page
    assert "个浏览器登录" not in page


def test_a_page_leads_nowhere_where_its_reader_may_not_go(sign_in: SignIn, institute: Unit, person: User) -> None:
    clerk = roles.holding(accounts.user("clerk", unit=institute), Permission.PEOPLE_MANAGE)
    page = sign_in(clerk).get(address(person)).text
    assert "/system/audit" not in page
    assert "/system/assignments" not in page


def test_search_by_everything_one_knows(browser: FlaskClient, institute: Unit, person: User) -> None:
    person.staff_number = "M42"
    db.session.commit()
    accounts.user("wangwu", "王五", unit=institute)
    for query in ("q=三", "q=PERS", "q=m42", "q=zhang@", f"unit={person.unit_id}"):
        page = browser.get(f"/system/people?{query}").text
        assert "张三" in page, query
        assert "王五" not in page, query
    assert "张三" not in browser.get("/system/people?q=_").text
    assert browser.get("/system/people?unit=999999").status_code == 404


def test_a_long_list_has_pages_and_takes_the_same_number_of_queries(
    browser: FlaskClient, institute: Unit, person: User
) -> None:
    taken = []
    for numbers in (range(60), range(60, 120)):
        for number in numbers:
            roles.holding(accounts.user(f"many{number}", f"王{number}", unit=institute), Permission.LIVE_MANAGE)
        with count_queries() as queries:
            page = browser.get("/system/people").text
        taken.append(len(queries))
    assert taken[0] == taken[1]
    assert 'href="/system/people?page=2"' in page
    assert "122" in page
    assert "王" in browser.get("/system/people?page=2").text


@pytest.mark.parametrize("query", ["endpoint=x", "_scheme=javascript&_external=1", "_anchor=x", "q=&q=1"])
def test_addresses_of_pages_are_made_of_nothing_but_the_list(browser: FlaskClient, institute: Unit, query: str) -> None:
    for number in range(60):
        accounts.user(f"many{number}", unit=institute)
    page = browser.get(f"/system/people?{query}")
    assert page.status_code == 200
    assert 'href="/system/people?' in page.text


def test_numbers_that_no_row_can_have_are_nowhere(browser: FlaskClient) -> None:
    for path in (f"/system/people/{10**30}", f"/system/people?unit={10**30}"):
        assert browser.get(path).status_code == 404
