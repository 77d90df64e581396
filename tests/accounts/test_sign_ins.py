"""Where one is signed in: seen, ended one by one or all others at once."""

from __future__ import annotations

import re

import pytest
import time_machine
from flask import Flask

from app.accounts import browsers, queries, services
from app.accounts.models import User
from app.extensions import db
from tests.conftest import SignIn
from tests.factories import accounts

WECHAT = "Mozilla/5.0 (iPhone) MicroMessenger/8 Safari"


def test_one_sees_and_ends_ones_other_sign_ins(app: Flask, sign_in: SignIn, person: User) -> None:
    here = sign_in(person)
    phone = app.test_client()
    data = {"username": "zhang", "password": accounts.PASSWORD, "remember": "y"}
    phone.post("/sign-in", data=data, headers={"User-Agent": WECHAT})
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


def test_nobody_ends_anothers(sign_in: SignIn, person: User) -> None:
    theirs, mine = sign_in(person), sign_in(accounts.user("stranger"))
    (sign_in_of_theirs,) = queries.sign_ins_of(person)
    mine.post(f"/account/sign-ins/{sign_in_of_theirs.began_ms}?_method=DELETE")
    assert theirs.get("/account").status_code == 200


def test_remember_me_outlives_the_session_and_no_more(app: Flask, person: User) -> None:
    browser = app.test_client()
    browser.post("/sign-in", data={"username": "zhang", "password": accounts.PASSWORD, "remember": "y"})
    browser.delete_cookie("session")
    assert browser.get("/account").status_code == 200
    browser.post("/sign-out")
    assert browser.get_cookie("remember_token") is None
    assert queries.sign_ins_of(person) == []


def test_a_browser_holds_one_sign_in(sign_in: SignIn, person: User) -> None:
    browser = sign_in(person)
    browser.post("/sign-in", data={"username": "zhang", "password": accounts.PASSWORD})
    assert len(queries.sign_ins_of(person)) == 1
    other = accounts.user("other")
    browser.post("/sign-in", data={"username": "other", "password": accounts.PASSWORD})
    assert (len(queries.sign_ins_of(person)), len(queries.sign_ins_of(other))) == (0, 1)


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


def test_a_sign_in_that_is_not_used_ends_after_two_months(
    sign_in: SignIn, person: User, traveller: time_machine.Traveller
) -> None:
    sign_in(person)
    traveller.shift(40 * 86_400)
    used = sign_in(person)
    traveller.shift(21 * 86_400)
    services.forget_old_sign_ins()
    assert len(queries.sign_ins_of(person)) == 1
    assert used.get("/account").status_code == 200


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36", "Chrome · Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0", "Edge · Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) Version/17.0 Safari/605.1.15", "Safari · macOS"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox · Linux"),
        ("Mozilla/5.0 (Linux; Android 14; HarmonyOS) Chrome/99 Mobile Safari/537.36", "Chrome · HarmonyOS"),
        (WECHAT, "微信 · iPhone"),
        ("curl/8.0", ""),
    ],
)
def test_browsers_in_words(user_agent: str, words: str) -> None:
    assert browsers.in_words(user_agent) == words
