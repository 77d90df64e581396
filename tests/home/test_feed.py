"""The Atom feed of the live column."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.live.models import Audience
from tests.conftest import SignIn
from tests.factories import accounts, roles, units
from tests.factories import live as lives

A = "{http://www.w3.org/2005/Atom}"


def titles(client: FlaskClient, query: str = "") -> set[str]:
    feed = ET.fromstring(client.get(f"/live/feed.atom{query}").data)
    for entry in (feed, *feed.findall(f"{A}entry")):  # what RFC 4287 demands of each
        assert all(entry.findtext(f"{A}{name}") for name in ("id", "title", "updated"))
        assert entry.find(f"{A}link[@rel='alternate']") is not None
    return {entry.findtext(f"{A}title") or "" for entry in feed.findall(f"{A}entry")}


def test_it_holds_what_is_open_to_all_and_nothing_else_for_whoever_asks(
    client: FlaskClient, sign_in: SignIn, admin: User, teacher: User
) -> None:
    for audience in (Audience.ACADEMY, Audience.EVERYONE):
        lives.lesson(teacher, f"给{audience} <b>\x0b&", audience=audience)
    assert titles(client) == titles(sign_in(admin)) == {"给everyone <b>&"}


def test_an_institute_has_a_feed_of_its_own(client: FlaskClient, teacher: User) -> None:
    institute = units.institute()
    owner = roles.admin(accounts.user("owner", unit=institute))
    lives.lesson(owner, "所里的课", audience=Audience.EVERYONE)
    lives.lesson(teacher, "别处的课", audience=Audience.EVERYONE)
    assert titles(client, f"?unit={institute.id}") == {"所里的课"}


@pytest.mark.parametrize("unit", ["x", "99999999", "9" * 30, "-1"])
def test_no_such_unit(client: FlaskClient, unit: str) -> None:
    assert client.get(f"/live/feed.atom?unit={unit}").status_code == 404
