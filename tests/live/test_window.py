"""开始直播 from 30 minutes before the start until the end; what runs past its end is asked, and at last ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask_babel import get_babel
from sqlalchemy import select

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock
from app.live import services
from app.live.errors import TimeOver, TooEarly
from app.live.lifecycle import AlreadyEnded, LiveState
from app.live.models import LiveSession
from app.live.planning import services as planning
from app.live.planning.plans import Plan, plan_of
from app.live.window import Window, window_of
from app.timeline import queries as timeline
from tests.conftest import SignIn
from tests.factories import media
from tests.live.test_pages import FORM

START = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)
"""14:00 in Shanghai; the lesson takes two hours."""


@pytest.fixture
def lesson(app: Flask, teacher: User) -> LiveSession:
    start_ms = int(START.timestamp() * 1000)
    return planning.schedule(
        Plan(subject="窗口", starts_at_ms=start_ms, ends_at_ms=start_ms + 2 * 3_600_000), owner=teacher
    )


@pytest.fixture
def at() -> Iterator[object]:
    """Move the clock to so many seconds after the lesson's start: at(-1800)."""
    with time_machine.travel(START - timedelta(days=1), tick=False) as traveller:
        yield lambda seconds: traveller.move_to(START + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("seconds", "outcome"),
    [(-1801, TooEarly), (-1800, None), (0, None), (7199, None), (7200, TimeOver), (86_400, TimeOver)],
)
def test_the_windows_edges_to_the_second(
    lesson: LiveSession, teacher: User, at, seconds: int, outcome: type[Exception] | None
) -> None:
    at(seconds)
    if outcome is None:
        services.start(lesson, by=teacher)
        assert lesson.is_running
    else:
        with pytest.raises(outcome):
            services.start(lesson, by=teacher)
        assert lesson.state is LiveState.SCHEDULED


@pytest.mark.parametrize(
    ("seconds", "page_says", "studio_offers"),
    [
        (-1801, "进入直播控制台", False),
        (-1800, "开始直播", True),
        (7199, "开始直播", True),
        (7200, "进入直播控制台", False),
    ],
)
def test_pages_offer_it_within_the_window_and_say_why_not_outside(
    lesson: LiveSession, teacher: User, sign_in: SignIn, at, seconds: int, page_says: str, studio_offers: bool
) -> None:
    at(seconds)
    browser = sign_in(teacher)
    page = browser.get(f"/live/{lesson.id}").text
    assert page_says in page
    assert ("intro__why" in page) is not studio_offers
    assert (f"/live/{lesson.id}/lecture" in browser.get(f"/live/{lesson.id}/studio").text) is studio_offers


def test_a_lesson_past_its_end_is_not_cut_and_can_be_extended(
    lesson: LiveSession, teacher: User, sign_in: SignIn, at
) -> None:
    at(0)
    media.encoder(lesson.stream)
    services.start(lesson, by=teacher)
    browser = sign_in(teacher)
    at(7200 - 601)
    assert f"/live/{lesson.id}/extension" not in browser.get(f"/live/{lesson.id}/studio").text
    at(7200 - 599)
    assert f"/live/{lesson.id}/extension" in browser.get(f"/live/{lesson.id}/studio").text
    at(7200 + 1799)
    services.end_overdue()
    assert lesson.is_running
    assert f"/live/{lesson.id}/extension" in browser.get(f"/live/{lesson.id}/studio").text
    browser.post(f"/live/{lesson.id}/extension")
    db.session.refresh(lesson)
    assert lesson.ends_at_ms == int((START + timedelta(seconds=7200 + 1799 + 1800)).timestamp() * 1000)
    at(7200 + 3600)
    services.end_overdue()
    assert lesson.is_running


def test_what_nobody_extends_ends_after_half_an_hour_and_says_so(lesson: LiveSession, teacher: User, at) -> None:
    at(0)
    media.encoder(lesson.stream)
    services.start(lesson, by=teacher)
    services.pause(lesson, by=teacher)
    at(7200 + 1800)
    services.end_overdue()
    assert lesson.state is LiveState.ENDED
    assert [event.payload["state"] for event in timeline.after(lesson.id, 0)][-1] == "ended"
    with pytest.raises(AlreadyEnded):
        services.extend(lesson)


def test_one_that_never_began_is_left_alone(lesson: LiveSession, at) -> None:
    at(5 * 86_400)
    services.end_overdue()
    assert lesson.state is LiveState.SCHEDULED


@pytest.mark.parametrize("seconds", [0, 1, 899, 1799, 1800, 3540])
def test_the_form_offers_a_time_at_which_one_may_begin_at_once(
    teacher: User, sign_in: SignIn, at, seconds: int
) -> None:
    at(seconds)
    client = sign_in(teacher)
    page = client.get("/live/new").text
    offered = {name: re.search(rf'name="{name}"[^>]*value="([^"]+)"', page) for name in ("starts_at", "ends_at")}
    assert all(offered.values()), page
    times = {name: match[1] for name, match in offered.items() if match}
    client.post("/live/new", data={**FORM, **times})
    lesson = db.session.scalars(select(LiveSession)).one()
    assert START.timestamp() + seconds < lesson.starts_at_ms / 1000 <= START.timestamp() + seconds + 1800
    assert window_of(lesson, clock.now_ms()) is Window.OPEN


@pytest.mark.parametrize(
    ("seconds", "sentence"), [(-1801, "直播在开始前 30 分钟起才能开始"), (7200, "直播的时间已过。")]
)
def test_whoever_presses_too_early_or_too_late_is_told_why(
    lesson: LiveSession, teacher: User, sign_in: SignIn, at, seconds: int, sentence: str
) -> None:
    at(seconds)
    browser = sign_in(teacher)
    reply = browser.post(f"/live/{lesson.id}/lecture")
    assert reply.status_code == 409
    assert sentence in reply.text
    toast = browser.post(f"/live/{lesson.id}/lecture", headers={"HX-Request": "true"})
    assert (toast.status_code, toast.headers["HX-Retarget"]) == (409, "#toasts")
    assert sentence in toast.text
    assert lesson.state is LiveState.SCHEDULED


def test_the_grace_ends_to_the_second_and_the_studio_counts_down_to_it(
    lesson: LiveSession, teacher: User, sign_in: SignIn, at
) -> None:
    at(-1800)
    media.encoder(lesson.stream)
    services.start(lesson, by=teacher)
    browser, by_itself = sign_in(teacher), f'until="{lesson.ends_at_ms + 1_800_000}"'
    at(7199)
    assert by_itself not in browser.get(f"/live/{lesson.id}/studio").text
    for seconds in (7200, 8999):
        at(seconds)
        services.end_overdue()
        assert lesson.is_running
        assert by_itself in browser.get(f"/live/{lesson.id}/studio").text
    at(9000)
    services.end_overdue()
    assert lesson.state is LiveState.ENDED
    assert lesson.ended_at_ms == int((START + timedelta(seconds=9000)).timestamp() * 1000)


def test_whoever_changes_the_time_changes_the_window(lesson: LiveSession, teacher: User, at) -> None:
    at(7200)
    with pytest.raises(TimeOver):
        services.start(lesson, by=teacher)
    planning.plan_anew(lesson, replace(plan_of(lesson), ends_at_ms=lesson.ends_at_ms + 1000), by=teacher)
    services.start(lesson, by=teacher)
    assert lesson.is_running


@pytest.mark.parametrize(
    ("zone", "typed", "starts", "opens", "shown"),
    [
        ("Asia/Shanghai", "2026-10-25T03:15", "2026-10-24T19:15", "2026-10-24T18:45", "02:45"),
        ("Europe/Berlin", "2026-10-25T03:15", "2026-10-25T02:15", "2026-10-25T01:45", "02:45"),  # 2:45 for the 2nd time
        ("Europe/Berlin", "2026-10-25T02:15", "2026-10-25T00:15", "2026-10-24T23:45", "01:45"),
        ("Europe/Berlin", "2027-03-28T03:10", "2027-03-28T01:10", "2027-03-28T00:40", "01:40"),  # there is no 2:40
        ("America/New_York", "2026-11-01T02:00", "2026-11-01T07:00", "2026-11-01T06:30", "01:30"),
    ],
)
def test_half_an_hour_is_half_an_hour_when_the_clocks_change(
    app: Flask,
    teacher: User,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
    zone: str,
    typed: str,
    starts: str,
    opens: str,
    shown: str,
) -> None:
    monkeypatch.setitem(app.config, "TIMEZONE", zone)
    monkeypatch.setattr(get_babel(app), "default_timezone", zone)
    ends = (datetime.fromisoformat(typed) + timedelta(hours=2)).isoformat(timespec="minutes")
    opening = datetime.fromisoformat(opens).replace(tzinfo=UTC)
    with time_machine.travel(opening - timedelta(seconds=1), tick=False) as traveller:
        browser = sign_in(teacher)
        browser.post("/live/new", data={**FORM, "starts_at": typed, "ends_at": ends})
        lesson = db.session.scalars(select(LiveSession)).one()
        assert f"{clock.to_datetime(lesson.starts_at_ms):%Y-%m-%dT%H:%M}" == starts
        page = browser.get(f"/live/{lesson.id}").text
        assert f'ms="{int(opening.timestamp() * 1000)}"' in page
        why = re.search(r'intro__why">.*?</p>', page, re.DOTALL)
        assert why
        assert shown in why[0], "the page's own words, for who has no script"
        assert browser.post(f"/live/{lesson.id}/lecture").status_code == 409
        form = browser.get(f"/live/{lesson.id}/plan").text
        assert f'value="{typed}"' in form
        traveller.move_to(opening)
        assert browser.post(f"/live/{lesson.id}/lecture").status_code == 302
