"""Passwords: set by mail, changed by their owners, and never easy ones."""

from __future__ import annotations

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import passwords, queries, services, strength
from app.accounts.errors import LinkDead, WeakPassword
from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.mail.models import Mail
from tests.accounts.conftest import GOOD, PASSING, link_in, mailed, try_in
from tests.conftest import SignIn
from tests.counting import count_queries
from tests.factories import accounts

# forgotten


def test_forgotten_is_answered_the_same_for_everybody(client: FlaskClient, person: User) -> None:
    def answer(who: str) -> str:
        page = client.post("/password/forgotten", data={"who": who})
        return f"{page.status_code} {PASSING.sub('', page.text.replace(who, ''))}"

    assert answer("zhang") == answer("nobody") == answer("zhang@iom.example")
    assert [mail.recipient for mail in mailed()] == ["zhang@iom.example"] * 2


def test_a_link_sets_a_password_once_and_ends_every_sign_in(client: FlaskClient, sign_in: SignIn, person: User) -> None:
    elsewhere = sign_in(person)
    client.post("/password/forgotten", data={"who": "ZHANG@iom.example"})
    link = link_in(mailed()[0])
    assert "张三" in client.get(link).text
    assert client.post(link, data={"password": GOOD, "repeat": "another"}).status_code == 422
    assert client.post(link, data={"password": GOOD, "repeat": GOOD}).status_code == 302
    assert client.get(link).status_code == 404
    assert elsewhere.get("/live/mine").status_code == 302
    assert try_in(client, GOOD) == 302
    assert "密码" in mailed()[-1].subject


def test_links_grow_old(client: FlaskClient, person: User, traveller: time_machine.Traveller) -> None:
    with client.application.test_request_context():
        reset = passwords.password_link(person, passwords.Purpose.RESET)
        invitation = passwords.password_link(person)
    traveller.shift(25 * 3600)
    assert client.get(reset).status_code == 404
    assert client.get(invitation).status_code == 200
    traveller.shift(7 * 86_400)
    assert client.get(invitation).status_code == 404
    with pytest.raises(LinkDead):
        passwords.user_of("forged")


def test_a_closed_account_gets_no_link_and_uses_none(client: FlaskClient, person: User) -> None:
    with client.application.test_request_context():
        link = passwords.password_link(person)
    with unit_of_work():
        person.closed_ms = 1
    client.post("/password/forgotten", data={"who": "zhang"})
    assert mailed() == []
    assert client.get(link).status_code == 404


def test_links_lead_to_the_site_and_not_to_where_a_stranger_says(
    app: Flask, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(host: str) -> int:
        reply = app.test_client().post("/password/forgotten", data={"who": "zhang"}, headers={"Host": host})
        return reply.status_code

    assert ask("evil.example") == 421
    assert mailed() == [], "no link leads to a site that is not ours"
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://live.example.cn/")
    assert ask("127.0.0.1:8000") == 200
    assert "https://live.example.cn/password/" in mailed()[0].text


def test_whether_somebody_exists_is_looked_up_when_the_answer_is_given(client: FlaskClient, person: User) -> None:
    client.post("/password/forgotten", data={"who": "zhang"})
    assert db.session.scalars(select(Mail)).all() == [], "or else it could be told from the time that it takes"
    assert len(mailed()) == 1


def test_nobodys_mailbox_is_filled_by_a_stranger(
    client: FlaskClient, person: User, traveller: time_machine.Traveller
) -> None:
    def ask() -> None:
        for _ in range(8):
            client.post("/password/forgotten", data={"who": "zhang"})

    ask()
    assert len(mailed()) == passwords.MOST_MAILS_AN_HOUR
    traveller.shift(3601)
    ask()
    assert len(mailed()) == 2 * passwords.MOST_MAILS_AN_HOUR


def test_a_link_that_went_to_a_wrong_address_dies_when_that_is_corrected(client: FlaskClient, person: User) -> None:
    passwords.invite([person], by_id=person.id)
    link = link_in(mailed()[0])
    assert client.get(link).status_code == 200
    services.change_user(
        person, username="zhang", real_name="张三", email="right@iom.example", staff_number=None, by_id=person.id
    )
    assert client.get(link).status_code == 404


@pytest.mark.parametrize("link", ["forged", "x.y.z"])
def test_a_dead_link_offers_a_new_one(client: FlaskClient, link: str) -> None:
    for reply in (client.get(f"/password/{link}"), client.post(f"/password/{link}", data={"password": GOOD})):
        assert reply.status_code == 404
        assert "链接已被使用或已过期" in reply.text
        assert 'href="/password/forgotten"' in reply.text


def test_invitations_go_to_those_with_an_open_account_and_an_address(app: Flask, person: User) -> None:
    closed, silent = accounts.user("closed", email="closed@iom.example"), accounts.user("silent")
    services.close_account(closed)
    assert services.invite([person, closed, silent], by_id=person.id) == 1
    assert [mail.recipient for mail in mailed()] == ["zhang@iom.example"]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == Action.LINK_MADE)).one()
    assert entry.object == "张三 (zhang)"


def test_many_are_invited_as_fast_as_few_by_a_job_without_a_request(app: Flask) -> None:
    people = [accounts.user(email=f"p{number}@iom.example") for number in range(40)]
    ids = [one.id for one in people]

    def statements_for(count: int) -> int:
        users = queries.people(ids[:count])
        with count_queries() as counted:
            assert services.invite(users, by_id=ids[0]) == count
        return len(counted)

    assert statements_for(40) == statements_for(4)
    assert "http://localhost:8000/password/" in mailed()[0].text


def test_the_first_link_of_somebody_without_a_password_sets_one(client: FlaskClient, person: User) -> None:
    new = services.create_user(username="new", real_name="王五", unit=person.unit)
    with client.application.test_request_context():
        link = services.password_link(new)
    assert client.post(link, data={"password": GOOD, "repeat": GOOD}).status_code == 302
    assert "王五" in client.get("/").text
    assert client.get(link).status_code == 404


# which ones


ABOUT_ONESELF, COMMON = strength.ABOUT_ONESELF, strength.REASONS["dictionary"]


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", strength.TOO_SHORT),
        ("password123", COMMON),
        ("iloveyou12345", COMMON),
        ("1234567890", COMMON),
        ("qwertyuiop", COMMON),
        ("aaaaaaaaaaaa", strength.REASONS["repeat"]),
        ("abcdefghijklm", strength.REASONS["sequence"]),
        ("1990-01-01", strength.REASONS["date"]),
        ("zhangsan123", ABOUT_ONESELF),
        ("Zhangsan@2026", ABOUT_ONESELF),
        ("zhangsan2026-11", ABOUT_ONESELF),
        ("zhangsan@iom.example", ABOUT_ONESELF),
        ("a20261107b", ABOUT_ONESELF),
        ("张三张三张三张三张三", ABOUT_ONESELF),
        ("Jiangtang2026", ABOUT_ONESELF),
        ("科学院科学院2026", ABOUT_ONESELF),
    ],
)
def test_what_guessers_try_first_is_refused_and_the_reason_given(app: Flask, password: str, reason: str) -> None:
    person = accounts.user("zhangsan", "张三", email="zhangsan@iom.example")
    person.staff_number = "20261107"
    with pytest.raises(WeakPassword) as refused:
        strength.judge(password, strength.words_about(person))
    assert refused.value.message == reason


@pytest.mark.parametrize("password", [GOOD, "明月松间照清泉石上流", "x" * 40 + "j7#kQ" * 200])
def test_others_are_not(person: User, password: str) -> None:
    strength.judge(password, strength.words_about(person))


def test_changing_ends_the_other_sign_ins_and_tells_the_owner(sign_in: SignIn, person: User) -> None:
    here, elsewhere = sign_in(person), sign_in(person)
    form = {"old": "wrong one", "password": GOOD, "repeat": GOOD}
    assert here.post("/account/password", data=form).status_code == 422
    weak = {"old": accounts.PASSWORD, "password": "1234567890", "repeat": "1234567890"}
    refused = here.post("/account/password", data=weak)
    assert refused.status_code == 422
    assert "猜" in refused.text
    assert here.post("/account/password", data={**form, "old": accounts.PASSWORD}).status_code == 302
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302
    assert [mail.recipient for mail in mailed()] == ["zhang@iom.example"]
