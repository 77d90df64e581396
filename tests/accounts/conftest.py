"""Zhang San, who has an e-mail address, and deeds of hers and of strangers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.extensions import db
from app.mail.models import Mail
from tests.factories import accounts
from tests.jobs import run_queued

GOOD = "four stones make a bridge"
PASSING = re.compile(r"[\w-]{20,}[.][\w-]+[.][\w-]+|data-now=\"\d+\"")
"""Parts that differ in every page: the form's token, which holds the second of its making, and the server's clock."""
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
    """Return the mails so far, after the jobs process has done its part."""
    run_queued()
    return list(db.session.scalars(select(Mail).order_by(Mail.id)))


def link_in(mail: Mail) -> str:
    found = re.search(r"http://localhost(?::8000)?(/(?:password|account/address)/\S+)", mail.text)
    assert found, mail.text
    return found[1]
