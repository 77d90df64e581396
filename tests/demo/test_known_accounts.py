"""Accounts whose passwords everybody knows do not outlive the example academy."""

from __future__ import annotations

import pytest
from flask import Flask

from app.accounts import hashing
from app.accounts import queries as accounts
from app.demo import academy, known_accounts
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.live.lifecycle import LiveState
from tests.conftest import SignIn


@pytest.fixture
def cast(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The example academy, filled."""
    monkeypatch.setattr(academy.deck, "put", lambda *_, **__: None)  # its pages need minutes and are not needed here
    with app.test_request_context():
        academy.fill()
    return app


def may_sign_in(app: Flask, username: str, password: str = academy.PASSWORD) -> bool:
    form = {"username": username, "password": password}
    return app.test_client().post("/sign-in", data=form).status_code == 302


def test_demo_0_closes_them_says_so_and_ends_the_lecture(cast: Flask) -> None:
    lecture = academy.lecture()
    assert may_sign_in(cast, "admin")
    said = cast.test_cli_runner().invoke(args=["demo", "close"]).output
    assert "admin, manager, teacher, assistant, learner, stranger" in said
    assert [may_sign_in(cast, one.username) for one in academy.CAST] == [False] * len(academy.CAST)
    db.session.expire_all()
    assert lecture.state is LiveState.ENDED
    assert cast.test_cli_runner().invoke(args=["demo", "close"]).output == "", "it is said once"
    assert "/first-admin/" in cast.test_cli_runner().invoke(args=["first-admin"]).output


def test_an_account_with_a_password_of_its_own_stays(cast: Flask) -> None:
    admin = accounts.user_by_name("admin")
    assert admin is not None
    with unit_of_work():
        admin.password_hash = hashing.hash_of("a password of my own 2026")
    assert "admin" not in known_accounts.close()
    assert may_sign_in(cast, "admin", "a password of my own 2026")


def test_demo_1_opens_them_again(cast: Flask) -> None:
    known_accounts.close()
    academy.fill()
    assert may_sign_in(cast, "teacher")
    assert academy.lecture().state is not LiveState.ENDED


def test_administrators_and_the_doctor_are_warned_while_they_are_open(cast: Flask, sign_in: SignIn) -> None:
    admin = sign_in(None)
    admin.post("/sign-in", data={"username": "admin", "password": academy.PASSWORD})
    assert "DEMO=0" in admin.get("/system/people").text
    manager = sign_in(None)
    manager.post("/sign-in", data={"username": "manager", "password": academy.PASSWORD})
    assert "DEMO=0" not in manager.get("/system/people").text
    assert (
        "MISS  accounts whose passwords everybody knows: admin" in cast.test_cli_runner().invoke(args=["doctor"]).output
    )
    known_accounts.close()
    assert (
        "ok    accounts whose passwords everybody knows: none" in cast.test_cli_runner().invoke(args=["doctor"]).output
    )
