"""Lessons in people's own calendars."""

from __future__ import annotations

import re
from dataclasses import replace

from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar, Event

from app.accounts.models import User
from app.kernel import clock
from app.kernel.unit_of_work import unit_of_work
from app.live.joining import services as joining
from app.live.models import Audience, LiveSession
from app.live.planning import services as planning
from app.live.planning.plans import plan_of
from tests.conftest import SignIn
from tests.factories import accounts, units
from tests.factories import live as lives


def events(browser: FlaskClient, path: str) -> list[Event]:
    reply = browser.get(path)
    assert reply.status_code == 200, reply.text
    assert reply.content_type == "text/calendar; charset=utf-8"
    return list(Calendar.from_ical(reply.data).walk("VEVENT"))


def feed(browser: FlaskClient) -> str:
    """Ask for a calendar address on one's page; gives its path."""
    page = browser.post("/account/calendar", follow_redirects=True).text
    found = re.search(r"http://localhost(/calendar/[\w-]+\.ics)", page)
    assert found
    return found[1]


def test_a_lesson_is_put_into_any_calendar(sign_in: SignIn, learner: User, lesson: LiveSession, app: Flask) -> None:
    planning.plan_anew(
        lesson, replace(plan_of(lesson), subject="超导, 一; 二\\三", abstract="**重点**：磁通"), by=lesson.owner
    )
    (event,) = events(sign_in(learner), f"/live/{lesson.id}/session.ics")
    reply = sign_in(learner).get(f"/live/{lesson.id}/session.ics")
    named = reply.headers["Content-Disposition"]
    assert named.isascii(), "servers refuse other headers"
    assert named.endswith("%E8%B6%85%E5%AF%BC%2C%20%E4%B8%80%3B%20%E4%BA%8C%5C%E4%B8%89.ics")
    assert event["summary"] == "超导, 一; 二\\三"
    assert clock.to_ms(event["dtstart"].dt) == lesson.starts_at_ms // 1000 * 1000
    assert event["dtend"].dt.utcoffset().total_seconds() == 0
    assert "重点：磁通" in event["description"]
    assert "（北京时间）" in event["description"], "a calendar shows its owner's zone, and the page another one"
    assert event["url"] == f"http://localhost/live/{lesson.id}"
    assert event["status"] == "CONFIRMED"


def test_only_for_who_may_know_of_it(sign_in: SignIn, client: FlaskClient, teacher: User) -> None:
    with unit_of_work():
        teacher.unit = units.institute()
    live = lives.lesson(teacher, audience=Audience.INSTITUTE)
    assert client.get(f"/live/{live.id}/session.ics").status_code == 302
    stranger = accounts.user(unit=units.institute())
    assert sign_in(stranger).get(f"/live/{live.id}/session.ics").status_code == 404


def test_her_own_calendar_has_what_she_signed_up_for_and_what_she_teaches(
    app: Flask, sign_in: SignIn, client: FlaskClient, teacher: User, learner: User
) -> None:
    mine, other, called_off = lives.lesson(teacher, "甲"), lives.lesson(teacher, "乙"), lives.lesson(teacher, "丙")
    lives.lesson(teacher, "丁", draft=True)
    with app.test_request_context():
        for live in (mine, called_off):
            joining.sign_up(live, learner)
    planning.cancel(called_off, reason="", by=teacher)
    path = feed(sign_in(learner))
    found = {str(event["summary"]): event for event in events(client, path)}
    assert set(found) == {"甲", "丙"}
    assert found["丙"]["status"] == "CANCELLED"
    assert {str(event["summary"]) for event in events(client, feed(sign_in(teacher)))} == {"甲", "乙", "丙"}
    with app.test_request_context():
        joining.sign_off(mine, learner)
        joining.sign_up(other, learner)
    assert {str(event["summary"]) for event in events(client, path)} == {"乙", "丙"}


def test_her_own_calendar_and_list_lose_what_is_no_longer_for_her(
    app: Flask, sign_in: SignIn, client: FlaskClient, teacher: User, learner: User
) -> None:
    with unit_of_work():
        teacher.unit = units.institute()
    live = lives.lesson(teacher, "甲")
    with app.test_request_context():
        joining.sign_up(live, learner)
    browser = sign_in(learner)
    path = feed(browser)
    assert [str(event["summary"]) for event in events(client, path)] == ["甲"]
    assert "甲" in browser.get("/live/mine?tab=signed_up").text
    planning.plan_anew(live, replace(plan_of(live), audience=Audience.INSTITUTE), by=teacher)
    assert events(client, path) == []
    assert "还没有报名" in browser.get("/live/mine?tab=signed_up").text


def test_a_new_address_ends_the_old_one_and_a_closed_account_ends_both(
    sign_in: SignIn, client: FlaskClient, learner: User
) -> None:
    browser = sign_in(learner)
    old, new = feed(browser), feed(browser)
    dead = client.get(old)
    assert dead.status_code == 403
    assert "链接已失效" in dead.text
    assert client.get(new).status_code == 200
    with unit_of_work():
        learner.closed_ms = 1
    assert client.get(new).status_code == 403


def test_calendars_are_told_to_look_again_and_what_they_are_called(
    sign_in: SignIn, client: FlaskClient, learner: User
) -> None:
    calendar = Calendar.from_ical(client.get(feed(sign_in(learner))).data)
    assert calendar["x-wr-calname"] == "直播培训"
    assert calendar["refresh-interval"].to_ical() == b"PT30M"
