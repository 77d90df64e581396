"""移出 holds: who was put out has no page, no list, no code and no picture any more, and does not come back as a guest.

What it cannot do is said on the screen, and is written down here too.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.kernel.access import Who
from app.live import guests
from app.live.models import Audience
from tests.classroom.cast import Room
from tests.conftest import SignIn
from tests.factories.accounts import PASSWORD
from tests.house.test_access import rules
from tests.reading import Page


@pytest.fixture
def room(app: Flask, sign_in: SignIn) -> Room:
    return Room(app, sign_in, audience=Audience.INSTITUTE)


def put_out(room: Room, who: str, **how: object) -> None:
    room.do("teacher", "room.put_out", key=room.comes(who), **how)


def guest_link(app: Flask, room: Room) -> str:
    with app.test_request_context():
        return guests.link_of(room.live)


def playlist(room: Room, browser: FlaskClient) -> str:
    """Ask for the media's addresses as the player does; gives the one of the live playlist."""
    reply = browser.get(f"/live/{room.live_id}/source")
    assert reply.status_code == 200, reply.text
    address: str = reply.get_json()["live"]
    return address


@pytest.fixture
def media(app: Flask, room: Room) -> Path:
    folder: Path = app.config["MEDIA_ROOT"] / room.live.stream_id / "live"
    folder.mkdir(parents=True)
    (folder / "index.m3u8").write_text("#EXTM3U\n")
    return folder


@pytest.mark.parametrize("who", ["learner", "guest"])
def test_every_page_of_the_lesson_is_closed_to_who_was_put_out(app: Flask, room: Room, who: str) -> None:
    """All routes for those who may watch, from the map of addresses, and those that hand out codes."""
    room.say("other", "只给还在的人看")
    put_out(room, who)
    browser, open_, asked = room.browser(who), {}, 0
    for rule, method in rules(app):
        view = app.view_functions[rule.endpoint]
        of_lesson = "live_id" in rule.arguments and not rule.websocket and rule.endpoint != "classroom.socket"
        if not of_lesson or (view.allowed is not Who.WATCHER and not rule.endpoint.startswith("sharing.qr")):  # type: ignore[attr-defined]
            continue
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: room.live_id if found[1] == "live_id" else "1", rule.rule)
        reply, asked = browser.open(path, method=method), asked + 1
        if reply.status_code != 403 or "王五" in reply.text or "只给还在的人看" in reply.text:
            open_[f"{method} {path}"] = reply.status_code
    assert asked > 10
    assert open_ == {}
    assert browser.get("/").status_code == 200, "she is put out of a lesson, not of the site"


@pytest.mark.parametrize("who", ["learner", "guest"])
def test_the_picture_ends_with_the_pages(room: Room, media: Path, who: str) -> None:
    browser, others = room.browser(who), [room.browser(one) for one in ("other", "teacher", "guest3")]
    room.comes(who)
    address = playlist(room, browser)
    others_before = [playlist(room, one) for one in others]
    assert browser.get(address, buffered=True).status_code == 200
    put_out(room, who)
    stranger = room.browser("nobody")
    assert stranger.get(address, buffered=True).status_code == 403, "whoever she has given the address to, too"
    assert browser.get(f"/live/{room.live_id}/source").status_code == 403
    for one, before in zip(others, others_before, strict=True):
        again = before if one.get(before, buffered=True).status_code == 200 else playlist(room, one)
        assert one.get(again, buffered=True).status_code == 200
    room.do("teacher", "room.let_in", key=room.key(who))
    assert browser.get(playlist(room, browser), buffered=True).status_code == 200


def test_with_the_same_browser_she_does_not_come_back_as_a_guest(app: Flask, room: Room) -> None:
    browser, link = room.browser("learner"), guest_link(app, room)
    put_out(room, "learner")
    assert browser.post("/sign-out").status_code == 302
    browser.get(link)
    assert browser.get(f"/live/{room.live_id}/watch").status_code == 403
    assert browser.get(f"/live/{room.live_id}/people").status_code == 403
    assert Page(browser.get(f"/live/{room.live_id}/watch").text).text.count("移出") >= 1


@pytest.mark.parametrize("way", ["the link again", "another name", "in and out again"])
def test_a_guest_does_not_come_back_with_the_same_browser(app: Flask, room: Room, way: str) -> None:
    browser = room.browser("guest")
    put_out(room, "guest")
    if way == "another name":
        browser.post(f"/live/{room.live_id}/guest", data={"name": "新人"})
    elif way == "in and out again":
        browser.post("/sign-in", data={"username": room.people["manager_elsewhere"].username, "password": PASSWORD})
        browser.post("/sign-out")
    browser.get(guest_link(app, room))
    assert browser.get(f"/live/{room.live_id}/watch").status_code == 403


def test_another_browser_comes_in_by_the_link_until_that_is_changed(app: Flask, room: Room) -> None:
    """The desk reads that beside the buttons; what helps is a new link, and it lets no honest guest out."""
    assert room.comes("guest") != room.comes("guest2")
    listed = room.browser("teacher").get(f"/live/{room.live_id}/people").text
    assert "换一个浏览器仍可能再次进入" in listed
    old = guest_link(app, room)
    put_out(room, "guest", for_good=True)
    another = app.test_client()
    assert another.get(old).status_code == 302
    put_out(room, "guest2", for_good=True, new_link=True)
    assert app.test_client().get(old).status_code == 410
    assert another.get(f"/live/{room.live_id}/watch").status_code == 200, "who is in stays"
    assert room.browser("guest2").get(f"/live/{room.live_id}/watch").status_code == 403
    assert app.test_client().get(guest_link(app, room)).status_code == 302
    room.browser("teacher").post(f"/live/{room.live_id}/guest-link")
    assert another.get(f"/live/{room.live_id}/watch").status_code == 410, "a link made anew by hand lets all out"


def test_colleagues_at_a_shared_computer_are_let_in_with_their_accounts(room: Room) -> None:
    browser = room.browser("learner")
    put_out(room, "learner")
    browser.post("/sign-in", data={"username": room.people["other"].username, "password": PASSWORD})
    assert browser.get(f"/live/{room.live_id}/watch").status_code == 200


def test_after_the_time_she_is_in_again(room: Room) -> None:
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as now:
        browser = room.browser("learner")
        put_out(room, "learner")
        assert browser.get(f"/live/{room.live_id}/watch").status_code == 403
        now.shift(10 * 60 + 1)
        assert browser.get(f"/live/{room.live_id}/watch").status_code == 200
