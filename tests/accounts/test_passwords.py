"""Passwords: guessed slowly, set by mail, changed by their owners."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import hashing, passwords, queries
from app.accounts.errors import LinkDead, WeakPassword
from app.accounts.models import User
from app.extensions import db
from app.kernel.mail import Mail
from app.kernel.unit_of_work import unit_of_work
from tests.conftest import SignIn
from tests.factories import accounts

GOOD = "four stones make a bridge"
TOKEN = re.compile(r"[\w-]{20,}[.][\w-]+[.][\w-]+")
HOME, ATTACKER = "192.0.2.1", "198.51.100.7"


@pytest.fixture
def limits(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "RATE_LIMITS", True)


@pytest.fixture
def person(app: Flask) -> User:
    return accounts.user("zhang", "张三", email="zhang@iom.example")


@pytest.fixture
def traveller() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-11-25T02:00:00Z", tick=True) as traveller:
        yield traveller


def try_in(browser: FlaskClient, password: str, name: str = "zhang", address: str = HOME) -> int:
    environ = {"REMOTE_ADDR": address}
    return browser.post("/sign-in", data={"username": name, "password": password}, environ_base=environ).status_code


def mailed() -> list[Mail]:
    return list(db.session.scalars(select(Mail).order_by(Mail.id)))


def link_in(mail: Mail) -> str:
    found = re.search(r"http://localhost(/password/\S+)", mail.text)
    assert found, mail.text
    return found[1]


# guessing


def test_an_address_that_guesses_has_to_wait_and_then_may_try_again(
    app: Flask, limits: None, person: User, traveller: time_machine.Traveller
) -> None:
    browser = app.test_client()
    assert [try_in(browser, "wrong") for _ in range(12)] == [422] * 10 + [429] * 2
    assert try_in(browser, accounts.PASSWORD) == 429, "the right one has to wait too"
    assert try_in(browser, "wrong", "ZHANG ") == 429, "however the name is written"
    traveller.shift(15 * 60)
    assert try_in(browser, accounts.PASSWORD) == 302


def test_names_that_nobody_has_are_answered_like_others(app: Flask, limits: None, person: User) -> None:
    def answers(name: str) -> list[str]:
        browser = app.test_client()
        pages = [browser.post("/sign-in", data={"username": name, "password": "wrong"}) for _ in range(12)]
        return [f"{page.status_code} {TOKEN.sub('', page.text.replace(name, ''))}" for page in pages]

    assert answers("zhang") == answers("nobodys")


def test_who_guesses_from_everywhere_locks_nobody_out_of_her_own_browser(
    app: Flask, limits: None, person: User
) -> None:
    own = app.test_client()
    assert try_in(own, accounts.PASSWORD) == 302
    own.post("/sign-out")
    stranger = app.test_client()
    codes = [try_in(stranger, "wrong", address=f"198.51.100.{number}") for number in range(60)]
    assert codes == [422] * 50 + [429] * 10, "strangers are counted together"
    assert try_in(app.test_client(), accounts.PASSWORD) == 429, "a new device has to wait"
    assert try_in(own, accounts.PASSWORD) == 302, "her own has not"


def test_a_known_device_is_not_a_way_to_guess(app: Flask, limits: None, person: User) -> None:
    own = app.test_client()
    try_in(own, accounts.PASSWORD)
    own.post("/sign-out")
    assert [try_in(own, "wrong") for _ in range(12)] == [422] * 10 + [429] * 2
    other = accounts.user("other")
    assert try_in(own, "wrong", other.username) == 422, "it is known for one person only"


def test_a_forged_device_cookie_is_a_stranger(app: Flask, limits: None, person: User) -> None:
    browser = app.test_client()
    browser.set_cookie("device", f'{{"{person.id}": "x"}}.forged')
    assert [try_in(browser, "wrong") for _ in range(11)][-1] == 429


def test_one_address_that_tries_many_names_has_to_wait(app: Flask, limits: None, person: User) -> None:
    browser = app.test_client()
    codes = {try_in(browser, "Winter2026", f"user{number}", ATTACKER) for number in range(300)}
    assert codes == {422}
    assert try_in(browser, "Winter2026", "user301", ATTACKER) == 429
    assert try_in(browser, accounts.PASSWORD, address=HOME) == 302


def test_the_mailed_link_works_while_strangers_wait(app: Flask, limits: None, person: User) -> None:
    browser = app.test_client()
    for _ in range(11):
        try_in(browser, "wrong")
    browser.post("/password/forgotten", data={"who": "zhang"})
    reply = browser.post(link_in(mailed()[0]), data={"password": GOOD, "repeat": GOOD})
    assert reply.status_code == 302
    assert "张三" in browser.get("/").text


def test_old_hashes_are_made_anew_at_sign_in(app: Flask, person: User) -> None:
    with unit_of_work():
        person.password_hash = hashing.PasswordHasher(time_cost=1, memory_cost=1024).hash(accounts.PASSWORD)
    assert try_in(app.test_client(), accounts.PASSWORD) == 302
    db.session.refresh(person)
    assert not hashing.is_outdated(person.password_hash or "")


# forgotten


def test_forgotten_is_answered_the_same_for_everybody(client: FlaskClient, person: User) -> None:
    def answer(who: str) -> str:
        page = client.post("/password/forgotten", data={"who": who})
        return f"{page.status_code} {page.text.replace(who, '')}"

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
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://live.example.cn/")
    app.test_client().post("/password/forgotten", data={"who": "zhang"}, headers={"Host": "evil.example"})
    assert "https://live.example.cn/password/" in mailed()[0].text


# which ones


@pytest.mark.parametrize(
    "password",
    ["short", "1234567890", "password123", "zhangsan123", "iloveyou12345", "zhang@iom.example", "qwertyuiop"],
)
def test_what_guessers_try_first_is_refused(person: User, password: str) -> None:
    with pytest.raises(WeakPassword):
        passwords.judge(password, [*passwords.words_about(person), "zhangsan"])


@pytest.mark.parametrize("password", [GOOD, "明月松间照清泉石上流", "x" * 40 + "j7#kQ" * 200])
def test_others_are_not(person: User, password: str) -> None:
    passwords.judge(password, passwords.words_about(person))


def test_changing_ends_the_other_sign_ins_and_tells_the_owner(sign_in: SignIn, person: User) -> None:
    here, elsewhere = sign_in(person), sign_in(person)
    form = {"old": "wrong one", "password": GOOD, "repeat": GOOD}
    assert here.post("/account/password", data=form).status_code == 422
    weak = {"old": accounts.PASSWORD, "password": "1234567890", "repeat": "1234567890"}
    assert here.post("/account/password", data=weak).status_code == 422
    assert here.post("/account/password", data={**form, "old": accounts.PASSWORD}).status_code == 302
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302
    assert [mail.recipient for mail in mailed()] == ["zhang@iom.example"]


# where one is signed in


def test_one_sees_and_ends_ones_other_sign_ins(app: Flask, sign_in: SignIn, person: User) -> None:
    here = sign_in(person)
    phone = app.test_client()
    data = {"username": "zhang", "password": accounts.PASSWORD, "remember": "y"}
    phone.post("/sign-in", data=data, headers={"User-Agent": "Mozilla/5.0 (iPhone) MicroMessenger/8 Safari"})
    page = here.get("/account/sign-ins").text
    assert "微信 · iPhone" in page
    began_ms = re.search(r"/account/sign-ins/(\d+)", page)
    assert began_ms
    here.post(f"/account/sign-ins/{began_ms[1]}?_method=DELETE")
    assert phone.get("/account").status_code == 302, "its remember-me cookie is worth nothing either"
    phone.delete_cookie("session")
    assert phone.get("/account").status_code == 302
    assert here.get("/account").status_code == 200


def test_all_others_at_once(sign_in: SignIn, person: User) -> None:
    here, others = sign_in(person), [sign_in(person) for _ in range(3)]
    stranger = sign_in(accounts.user("stranger"))
    here.post("/account/sign-ins?_method=DELETE")
    assert [one.get("/account").status_code for one in others] == [302] * 3
    assert here.get("/account").status_code == stranger.get("/account").status_code == 200


def test_a_sign_in_is_seen_at_most_every_five_minutes(
    sign_in: SignIn, person: User, traveller: time_machine.Traveller
) -> None:
    browser = sign_in(person)

    def seen() -> int:
        db.session.commit()
        return queries.sign_ins_of(person)[0].seen_ms

    first = seen()
    traveller.shift(4 * 60)
    browser.get("/account")
    assert seen() == first
    traveller.shift(2 * 60)
    browser.get("/account")
    assert seen() > first


def test_a_new_address_counts_when_its_link_is_opened(sign_in: SignIn, client: FlaskClient, person: User) -> None:
    browser = sign_in(person)
    taken = accounts.user("other", email="other@iom.example")
    assert browser.post("/account/address", data={"email": taken.email}).status_code == 409
    assert browser.post("/account/address", data={"email": "no address"}).status_code == 422
    browser.post("/account/address", data={"email": "New@iom.example"})
    (mail,) = mailed()
    assert mail.recipient == "new@iom.example"
    db.session.refresh(person)
    assert person.email == "zhang@iom.example"
    link = re.search(r"http://localhost(/account/address/\S+)", mail.text)
    assert link
    assert client.get(link[1]).status_code == 200
    client.post(link[1])
    db.session.refresh(person)
    assert person.email == "new@iom.example"
    assert client.post(link[1]).status_code == 404
