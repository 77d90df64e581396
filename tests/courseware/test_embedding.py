"""Replays within other sites: who sees them there, which sites may show them, and what these read of them."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from app.accounts.models import User
from app.kernel.unit_of_work import unit_of_work
from app.live.models import Audience, LiveSession
from tests.conftest import SignIn
from tests.factories import accounts, units

SITE = "https://portal.academy.example"


@pytest.fixture(autouse=True)
def site(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "EMBED_ORIGINS", (SITE,))


def show_to(live: LiveSession, audience: Audience) -> None:
    with unit_of_work():
        live.audience = audience


def test_a_frame_shows_a_replay_to_those_who_may_watch_it(sign_in: SignIn, course: LiveSession, learner: User) -> None:
    show_to(course, Audience.EVERYONE)
    for browser in (sign_in(None), sign_in(course.owner)):
        reply = browser.get(f"/live/{course.id}/embed")
        assert "<lesson-player" in reply.text
        assert f"frame-ancestors 'self' {SITE};" in reply.headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in reply.headers
    assert sign_in(None).get(f"/live/{course.id}/replay").headers["X-Frame-Options"] == "DENY", "no other page"


def test_a_visitor_of_a_frame_has_all_that_the_player_asks_for(sign_in: SignIn, course: LiveSession) -> None:
    show_to(course, Audience.EVERYONE)
    browser = sign_in(None)
    text = browser.get(f"/live/{course.id}/embed").text
    fresh = sign_in(None)  # a browser that keeps no cookies within a frame
    playlist = re.search(r'"full": "([^"]+)"', text)
    assert playlist
    assert fresh.get(playlist[1].replace("index", "source"), buffered=True).status_code == 200
    assert fresh.get(f"/live/{course.id}/track").status_code == 200


def test_others_learn_nothing(sign_in: SignIn, course: LiveSession) -> None:
    show_to(course, Audience.DEPARTMENT)
    with unit_of_work():
        course.audience_unit = units.institute("物质研究所")
    stranger = accounts.user("stranger", "赵来访", unit=units.institute("天文研究所"))

    def seen(live_id: str, who: User | None) -> str:
        text = sign_in(who).get(f"/live/{live_id}/embed").text.replace(live_id, "")
        return re.sub(r'data-now="\d+"|csrf[^>]+|X-CSRFToken[^}]+', "", text)

    for who in (None, stranger):
        text = seen(course.id, who)
        assert "量子" not in text
        assert "在新窗口中打开" in text
        assert text == seen("nowhere", who), "not even that there is a lesson"
    address = f"http://localhost/live/{course.id}/replay"
    assert sign_in(None).get("/oembed", query_string={"url": address}).status_code == 404


def test_oembed_describes_what_everybody_may_watch(sign_in: SignIn, course: LiveSession) -> None:
    show_to(course, Audience.EVERYONE)
    browser, address = sign_in(None), f"http://localhost/live/{course.id}/replay"
    page = browser.get(f"/live/{course.id}/replay").text
    link = re.search(r'application/json\+oembed" href="([^"]+)"', page)
    assert link
    told = browser.get(link[1].removeprefix("http://localhost").replace("&amp;", "&")).json
    assert told is not None
    assert (told["type"], told["version"], told["title"], told["width"], told["height"]) == (
        "video",
        "1.0",
        course.subject,
        960,
        540,
    )
    assert f'src="http://localhost/live/{course.id}/embed"' in told["html"]
    small = browser.get("/oembed", query_string={"url": address, "maxwidth": 480, "maxheight": 900}).json
    assert small is not None
    assert (small["width"], small["height"]) == (480, 270)
    assert browser.get("/oembed", query_string={"url": address, "format": "xml"}).status_code == 501
    for other in (
        f"http://elsewhere.example/live/{course.id}/replay",
        "http://localhost/",
        "http://localhost/live/nowhere",
    ):
        assert browser.get("/oembed", query_string={"url": other}).status_code == 404
    assert f'og:video" content="http://localhost/live/{course.id}/embed"' in page


def test_the_code_is_for_presenters_and_only_where_a_site_may_embed(
    app: Flask, sign_in: SignIn, course: LiveSession, learner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    show_to(course, Audience.EVERYONE)
    address = f"/live/{course.id}/replay"
    assert "&lt;iframe" in sign_in(course.owner).get(address).text
    assert "&lt;iframe" not in sign_in(learner).get(address).text
    monkeypatch.setitem(app.config, "EMBED_ORIGINS", ())
    assert "&lt;iframe" not in sign_in(course.owner).get(address).text
    policy = sign_in(None).get(f"/live/{course.id}/embed").headers["Content-Security-Policy"]
    assert "frame-ancestors 'self';" in policy
