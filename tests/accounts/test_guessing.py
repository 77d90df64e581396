"""Passwords are guessed slowly, and nobody is locked out by somebody else."""

from __future__ import annotations

import pytest
import time_machine
from argon2.exceptions import VerifyMismatchError
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts import hashing, services, throttle
from app.accounts.models import FailedSignIn, User
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from tests.accounts.conftest import ATTACKER, GOOD, HOME, PASSING, link_in, mailed, try_in
from tests.conftest import SignIn
from tests.factories import accounts


def counted() -> int:
    db.session.commit()
    return db.session.scalar(select(func.count()).select_from(FailedSignIn)) or 0


def test_an_address_that_guesses_has_to_wait_and_then_may_try_again(
    app: Flask, limits: None, person: User, traveller: time_machine.Traveller
) -> None:
    browser = app.test_client()
    assert [try_in(browser, "wrong") for _ in range(12)] == [422] * 10 + [429] * 2
    assert try_in(browser, accounts.PASSWORD) == 429, "the right one has to wait too"
    assert try_in(browser, "wrong", "ZHANG ") == 429, "however the name is written"
    traveller.shift(15 * 60)
    assert try_in(browser, accounts.PASSWORD) == 302, "trying on has not made the wait longer"


def test_the_refusal_says_how_long_to_wait_and_offers_the_mailed_link(app: Flask, limits: None, person: User) -> None:
    browser = app.test_client()
    for _ in range(10):
        try_in(browser, "wrong")
    page = browser.post("/sign-in", data={"username": "zhang", "password": "wrong"}, environ_base={"REMOTE_ADDR": HOME})
    assert "15 分钟" in page.text
    assert 'href="/password/forgotten"' in page.text


def test_names_that_nobody_has_are_answered_like_others(app: Flask, limits: None, person: User) -> None:
    def answers(name: str) -> list[str]:
        browser = app.test_client()
        pages = [browser.post("/sign-in", data={"username": name, "password": "wrong"}) for _ in range(12)]
        return [f"{page.status_code} {PASSING.sub('', page.text.replace(name, ''))}" for page in pages]

    assert answers("zhang") == answers("nobodys")


@pytest.mark.parametrize("name", ["zhang", "nobodys", "closed", "unset"])
def test_every_name_costs_one_check_of_a_hash(
    app: Flask, monkeypatch: pytest.MonkeyPatch, person: User, name: str
) -> None:
    services.close_account(accounts.user("closed"))
    services.create_user(username="unset", real_name="李四", unit=person.unit)
    checked: list[bool] = []
    check = hashing.matches

    def matches(known: str | None, password: str) -> bool:
        checked.append(True)
        return check(known, password)

    monkeypatch.setattr(hashing, "matches", matches)
    assert try_in(app.test_client(), "wrong", name) == 422
    assert len(checked) == 1


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


def test_a_device_is_known_for_a_year(
    app: Flask, limits: None, person: User, traveller: time_machine.Traveller
) -> None:
    own = app.test_client()
    try_in(own, accounts.PASSWORD)
    device = own.get_cookie("device")
    assert device is not None
    for days, code in ((364, 302), (366, 429)):
        traveller.move_to("2026-11-25T02:00:00Z")
        traveller.shift(days * 86_400)
        stranger, browser = app.test_client(), app.test_client()
        for number in range(50):
            try_in(stranger, "wrong", address=f"198.51.{days - 300}.{number}")
        browser.set_cookie("device", device.value)
        assert try_in(browser, accounts.PASSWORD) == code


def test_one_address_that_tries_many_names_has_to_wait(app: Flask, limits: None, person: User) -> None:
    browser = app.test_client()
    codes = {try_in(browser, "Winter2026", f"user{number}", ATTACKER) for number in range(300)}
    assert codes == {422}
    assert try_in(browser, "Winter2026", "user301", ATTACKER) == 429
    assert try_in(browser, accounts.PASSWORD, address=HOME) == 302


def test_a_network_of_ipv6_is_one_address(app: Flask, limits: None, person: User) -> None:
    browser = app.test_client()
    codes = [try_in(browser, "wrong", address=f"2001:db8:1:2::{number:x}") for number in range(11)]
    assert codes[-1] == 429
    assert try_in(browser, "wrong", address="2001:db8:1:3::1") == 422
    mapped = [try_in(browser, "wrong", address=f"::ffff:192.0.2.{number}") for number in (1, 2)]
    assert mapped == [422, 422]


def test_of_many_attempts_at_once_none_is_overlooked(
    app: Flask, limits: None, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one password is being looked at, the next attempt comes, and so on."""
    codes: list[int] = []
    check = hashing.matches

    def attempt_meanwhile(known: str | None, password: str) -> bool:
        if counted() < 15:
            codes.append(try_in(app.test_client(), "wrong"))
        return check(known, password)

    monkeypatch.setattr(hashing, "matches", attempt_meanwhile)
    codes.append(try_in(app.test_client(), "wrong"))
    assert sorted(codes) == [422] * 10 + [429]


def test_the_mailed_link_works_while_strangers_wait_and_makes_the_device_known(
    app: Flask, limits: None, person: User
) -> None:
    browser = app.test_client()
    for _ in range(11):
        try_in(browser, "wrong")
    browser.post("/password/forgotten", data={"who": "zhang"})
    reply = browser.post(link_in(mailed()[0]), data={"password": GOOD, "repeat": GOOD})
    assert reply.status_code == 302
    assert "张三" in browser.get("/").text
    browser.post("/sign-out")
    assert try_in(browser, GOOD) == 302, "strangers still wait, this browser does not"


def test_the_old_password_is_not_guessed_in_a_browser_left_open(limits: None, sign_in: SignIn, person: User) -> None:
    here, elsewhere = sign_in(person), sign_in(person)
    form = {"old": "wrong one", "password": GOOD, "repeat": GOOD}
    codes = [here.post("/account/password", data=form).status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]
    assert elsewhere.post("/account/password", data={**form, "old": accounts.PASSWORD}).status_code == 302


def test_the_right_password_leaves_nothing_counted(app: Flask, limits: None, person: User) -> None:
    browser = app.test_client()
    try_in(browser, "wrong")
    assert counted() == 1
    try_in(browser, accounts.PASSWORD)
    assert counted() == 0


def test_what_was_counted_is_forgotten_after_a_day(
    app: Flask, limits: None, person: User, traveller: time_machine.Traveller
) -> None:
    try_in(app.test_client(), "wrong")
    traveller.shift(23 * 3600)
    throttle.forget_old()
    assert counted() == 1
    traveller.shift(2 * 3600)
    throttle.forget_old()
    assert counted() == 0


def test_load_tests_may_switch_it_off(app: Flask, person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "RATE_LIMITS", False)
    browser = app.test_client()
    assert {try_in(browser, "wrong") for _ in range(12)} == {422}


def test_old_hashes_are_made_anew_at_sign_in(app: Flask, person: User) -> None:
    with unit_of_work():
        person.password_hash = hashing.PasswordHasher(time_cost=1, memory_cost=1024).hash(accounts.PASSWORD)
    assert try_in(app.test_client(), accounts.PASSWORD) == 302
    db.session.refresh(person)
    assert not hashing.is_outdated(person.password_hash or "")


def test_a_closed_account_is_not_signed_in_to(app: Flask, sign_in: SignIn, client: FlaskClient, person: User) -> None:
    browser = sign_in(person)
    services.close_account(person)
    assert browser.get("/account").status_code == 302
    assert try_in(client, accounts.PASSWORD) == 422
    services.reopen_account(person)
    assert try_in(client, accounts.PASSWORD) == 302


def test_a_name_that_nobody_has_is_checked_as_long_as_others_and_has_no_password() -> None:
    made_up = hashing.nobodys_hash()
    assert not hashing.is_outdated(made_up), "of the same cost"
    with pytest.raises(VerifyMismatchError):  # so all of it was computed
        hashing.hasher.verify(made_up, "nobody")
    assert hashing.nobodys_hash() != made_up
