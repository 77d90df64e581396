"""The live column within other sites: what it shows, and which sites may show it."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.kernel.permissions import Permission
from app.live.models import Audience
from tests.conftest import SignIn
from tests.factories import accounts, roles, units
from tests.factories import live as lives

SITE = "https://portal.academy.example"


@pytest.fixture(autouse=True)
def site(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "EMBED_ORIGINS", (SITE,))


def subjects(browser: FlaskClient, path: str) -> set[str]:
    found = browser.get(path).text.partition('class="widget__list"')[2]
    return set(re.findall(r'rel="noopener">([^<]*)</a>', found))


def test_the_frame_shows_what_is_open_to_all_whoever_looks(sign_in: SignIn, client: FlaskClient) -> None:
    here, elsewhere = units.institute("冰川研究所"), units.institute("天文研究所")
    ours = roles.holding(accounts.user("ours", unit=here), Permission.LIVE_MANAGE)
    theirs = roles.holding(accounts.user("theirs", unit=elsewhere), Permission.LIVE_MANAGE)
    lives.on_air(ours, "冻土", audience=Audience.EVERYONE)
    lives.lesson(ours, "雪线", audience=Audience.EVERYONE)
    lives.on_air(ours, "所内的课", audience=Audience.INSTITUTE)
    lives.on_air(ours, "院内的课")
    lives.lesson(ours, "草稿", audience=Audience.EVERYONE, draft=True)
    lives.on_air(theirs, "星系", audience=Audience.EVERYONE)
    for browser in (client, sign_in(ours), sign_in(roles.admin(accounts.user("boss")))):
        assert subjects(browser, f"/live/widget?unit={here.id}") == {"冻土", "雪线"}
        assert subjects(browser, "/live/widget") == {"冻土", "雪线", "星系"}
    reply = client.get(f"/live/widget?unit={here.id}")
    assert f"frame-ancestors 'self' {SITE};" in reply.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in reply.headers
    assert client.get("/live").headers["X-Frame-Options"] == "DENY", "no other page"
    for wrong in ("0", "x", "9" * 40, "1;2"):
        assert client.get("/live/widget", query_string={"unit": wrong}).status_code == 404


def test_an_empty_list_says_so(client: FlaskClient, teacher: User) -> None:
    lives.on_air(teacher, "院内的课")
    assert "目前没有公开的直播" in client.get("/live/widget").text


def test_managers_copy_the_code_of_their_units(app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    here, elsewhere = units.institute("冰川研究所"), units.institute("天文研究所")
    browser = sign_in(roles.manager(accounts.user("manager", unit=here)))
    assert "/manage/live/widget" in browser.get("/manage/live").text
    for asked in ("", f"?unit={elsewhere.id}", "?unit=x"):
        page = browser.get(f"/manage/live/widget{asked}").text
        assert f"/live/widget?unit={here.id}&#34; width" in page
        assert f"/live/feed.atom?unit={here.id}" in page
        assert f"http://localhost/live/widget?unit={elsewhere.id}" not in page
    assert SITE in page
    monkeypatch.setitem(app.config, "EMBED_ORIGINS", ())
    assert "EMBED_ORIGINS" in browser.get("/manage/live/widget").text
