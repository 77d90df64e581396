"""Drafts, copies, series, cancelling, places: what is planned, and what becomes of it before it begins."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock
from app.live import guests, services, subjects, tokens
from app.live.errors import Full, NotCancellable, NotRecordable, NotWhileRunning, StillADraft
from app.live.joining import services as joining
from app.live.lifecycle import Cancelled, LiveState
from app.live.models import Audience, LiveMode, LiveSession, Part, RecordingPolicy
from app.live.planning import services as planning
from app.live.planning.forms import MOST_PRESENTERS
from app.live.planning.plans import Plan, plan_of
from app.media.models import Stream
from app.units.models import UnitKind
from tests.conftest import SignIn
from tests.factories import accounts, roles, units
from tests.factories import live as lives
from tests.live.test_pages import FORM
from tests.live.test_plan import plan_of as form_of
from tests.reading import Page

pytestmark = pytest.mark.usefixtures("november")

HOUR_MS = 3_600_000
WEEK_MS = 7 * 24 * HOUR_MS

TYPED = {
    **FORM,
    "subject": "低温",
    "abstract": "不能丢的简介",
    "capacity": "40",
    "guests": "y",
    "teacher_token": "q7teach4x",
    "assistant_token": "q8assist5y",
    "learner_token": "q9learn6z",
}


@pytest.fixture
def browser(sign_in: SignIn, teacher: User) -> FlaskClient:
    return sign_in(teacher)


def made(browser: FlaskClient, teacher: User, **change: str) -> list[LiveSession]:
    """Fill in the form and give what came of it, in the order of time."""
    reply = browser.post("/live/new", data={**TYPED, **change})
    assert reply.status_code == 302, Page(reply.text).text
    return sorted(lives.of(teacher), key=lambda live: live.starts_at_ms)


def guest_path(app: Flask, live: LiveSession) -> str:
    with app.test_request_context():
        return guests.link_of(live).removeprefix("http://localhost")


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """Do several things at the same moment; gives what came of each."""
    ready, outcomes = threading.Barrier(len(deeds)), []

    def run(deed: Callable[[], object]) -> None:
        ready.wait(10)
        outcomes.append(deed())

    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


# Drafts


def test_a_draft_is_seen_by_who_planned_it_and_by_who_manages_its_unit(
    app: Flask, sign_in: SignIn, teacher: User, learner: User, admin: User
) -> None:
    (live,) = made(sign_in(teacher), teacher, draft="1", audience="everyone")
    elsewhere = roles.manager(accounts.user("m1", unit=units.institute()))
    for user, sees in ((teacher, True), (admin, True), (learner, False), (elsewhere, False), (None, False)):
        browser = sign_in(user)
        assert live.subject not in browser.get("/").text, user
        for end in ("", "/watch", "/source", "/qr.svg", "/qr.png", "/calendar.ics"):
            status = browser.get(f"/live/{live.id}{end}").status_code
            assert (status == 200) is sees or (end == "/calendar.ics" and status == 404), (user, end)
    assert live.subject in sign_in(teacher).get("/live/mine").text


def test_nothing_that_is_handed_out_of_a_draft_lets_anybody_in(
    app: Flask, sign_in: SignIn, browser: FlaskClient, teacher: User, learner: User
) -> None:
    (live,) = made(browser, teacher, draft="1")
    path = guest_path(app, live)
    visitor = app.test_client()
    assert visitor.get(path).status_code == 410
    for who, answer in ((visitor, 302), (sign_in(learner), 422)):
        for value in tokens.values_of(live).values():
            assert who.post("/token", data={"token": value}).status_code == answer
        assert who.get(f"/live/{live.id}/watch").status_code in {302, 404}
    assert live.chosen_as(learner) is None


def test_whoever_was_let_in_before_is_out_when_it_is_a_draft_again(
    app: Flask, sign_in: SignIn, teacher: User, learner: User
) -> None:
    live = lives.lesson(teacher, audience=Audience.INSTITUTE)
    stranger = accounts.user("stranger", unit=units.institute())
    joining.enter(tokens.values_of(live)[Part.LEARNER], stranger)
    inside = sign_in(stranger)
    assert inside.get(f"/live/{live.id}/watch").status_code == 200
    live.draft = True
    db.session.commit()
    assert inside.get(f"/live/{live.id}/watch").status_code == 404


def test_publishing_shows_it_and_makes_what_is_handed_out_work(
    app: Flask, sign_in: SignIn, browser: FlaskClient, teacher: User, learner: User
) -> None:
    (live,) = made(browser, teacher, draft="1")
    address, path = f"/live/{live.id}/plan", guest_path(app, live)
    assert browser.post(address, data={**TYPED, "draft": "1", "abstract": "geändert"}).status_code == 302
    assert (live.draft, live.abstract) == (True, "geändert")
    assert browser.post(address, data=TYPED).status_code == 302
    assert not live.draft
    assert sign_in(learner).get(f"/live/{live.id}").status_code == 200
    assert app.test_client().get(path).status_code == 302
    reply = sign_in(learner).post("/token", data={"token": TYPED["learner_token"]})
    assert reply.headers["Location"] == f"/live/{live.id}/watch"


def test_a_draft_is_not_started_and_its_pages_say_why(app: Flask, browser: FlaskClient, teacher: User) -> None:
    live = lives.lesson(teacher, draft=True)
    reply = browser.post(f"/live/{live.id}/lecture")
    assert reply.status_code == 409
    assert "这场直播还是草稿" in reply.text
    assert live.state is LiveState.SCHEDULED
    studio = Page(browser.get(f"/live/{live.id}/studio").text)
    assert not any(one.get("action") == f"/live/{live.id}/lecture" for _tag, one in studio.elements)
    assert "这场直播还是草稿" in studio.text
    assert "开始直播" not in browser.get(f"/live/{live.id}").text
    with pytest.raises(StillADraft):
        services.start(live, by=teacher)
    assert browser.post(f"/live/{live.id}/plan", data=form_of(app, live)).status_code == 302
    assert browser.post(f"/live/{live.id}/lecture").status_code == 302


# Copies


def test_a_copy_is_the_same_a_week_later_with_tokens_of_its_own(browser: FlaskClient, teacher: User) -> None:
    (live,) = made(browser, teacher, audience="institute", mode="small_class", recording_policy="never")
    address = f"/live/{live.id}/copy"
    form = Page(browser.get(address).text).fields
    shown = {name: form.get(name) for name in (*TYPED, "cover_name", "teachers")}
    assert shown == {
        **{name: [value] for name, value in TYPED.items()},
        "subject": ["低温 (2)"],
        "starts_at": ["2026-12-08T14:00"],
        "ends_at": ["2026-12-08T16:00"],
        "audience": ["institute"],
        "mode": ["small_class"],
        "recording_policy": ["never"],
        "teacher_token": [""],
        "assistant_token": [""],
        "learner_token": [""],
        "cover_name": [""],
        "teachers": None,
    }
    sent = {name: values[0] for name, values in form.items() if name != "csrf_token"}
    reply = browser.post(address, data=sent)
    assert reply.status_code == 302
    first, second = sorted(lives.of(teacher), key=lambda one: one.starts_at_ms)
    assert first is live
    assert second.starts_at_ms - first.starts_at_ms == WEEK_MS
    same = {"mode", "audience", "guests", "capacity", "recording_policy", "abstract"}
    assert {getattr(plan_of(first), name) == getattr(plan_of(second), name) for name in same} == {True}
    assert not set(tokens.values_of(first).values()) & set(tokens.values_of(second).values())
    assert first.stream.key != second.stream.key
    assert second.series_id is None


def test_a_copy_of_what_is_long_over_begins_in_the_future_on_the_same_day_of_the_week(
    browser: FlaskClient, teacher: User
) -> None:
    live = lives.lesson(teacher, starts_at_ms=clock.now_ms() - 10 * WEEK_MS - HOUR_MS, ends_at_ms=clock.now_ms())
    page = Page(browser.get(f"/live/{live.id}/copy").text)
    zone = ZoneInfo("Asia/Shanghai")
    starts = datetime.fromisoformat(page.fields["starts_at"][0]).replace(tzinfo=zone)
    first = clock.to_datetime(live.starts_at_ms).astimezone(zone)
    assert (starts.weekday(), starts.hour, starts.minute) == (first.weekday(), first.hour, first.minute)
    assert 0 < clock.to_ms(starts) - clock.now_ms() <= WEEK_MS


def test_what_is_cancelled_or_over_is_copied_too_and_a_mistake_loses_nothing(
    browser: FlaskClient, teacher: User, sign_in: SignIn, learner: User
) -> None:
    (live,) = made(browser, teacher)
    planning.cancel(live, reason="", by=teacher)
    address = f"/live/{live.id}/copy"
    reply = browser.post(address, data={**TYPED, "subject": live.subject})
    assert reply.status_code == 409
    page = Page(reply.text)
    assert {name: page.fields[name] for name in TYPED} == {name: [value] for name, value in TYPED.items()}
    assert browser.post(address, data={**TYPED, "subject": "新的"}).status_code == 302
    assert browser.get(f"/live/{lives.ended(teacher).id}/copy").status_code == 200
    assert sign_in(learner).get(address).status_code == 403
    assert sign_in(learner).post(address, data=TYPED).status_code == 403


# Series


@pytest.mark.parametrize(
    ("zone", "first", "hour", "offsets"),
    [
        ("Asia/Shanghai", "2026-10-20T14:00", 14, [8, 8, 8]),
        ("Europe/Berlin", "2026-10-20T14:00", 14, [2, 1, 1]),  # summer time ends on 25 October
        ("Europe/Berlin", "2027-03-24T14:00", 14, [1, 2, 2]),  # and begins on 28 March
        ("America/New_York", "2026-10-28T09:00", 9, [-4, -5, -5]),
        ("Europe/Berlin", "2026-10-18T02:30", 2, [2, 2, 1]),  # this half hour comes twice on the 25th: the first one
    ],
)
def test_a_weekly_series_keeps_its_hour_when_the_clocks_change(
    app: Flask,
    sign_in: SignIn,
    teacher: User,
    monkeypatch: pytest.MonkeyPatch,
    zone: str,
    first: str,
    hour: int,
    offsets: list[int],
) -> None:
    monkeypatch.setitem(app.config, "TIMEZONE", zone)
    ends = (datetime.fromisoformat(first) + timedelta(minutes=90)).isoformat(timespec="minutes")
    with time_machine.travel("2026-10-10T10:00:00Z"):
        series = made(sign_in(teacher), teacher, starts_at=first, ends_at=ends, weeks="3")
    local = [clock.to_datetime(live.starts_at_ms).astimezone(ZoneInfo(zone)) for live in series]
    assert [moment.hour for moment in local] == [hour] * 3
    assert [int(moment.utcoffset().total_seconds() // 3600) for moment in local] == offsets
    assert [moment.date() - local[0].date() for moment in local] == [timedelta(weeks=week) for week in range(3)]
    assert {live.ends_at_ms - live.starts_at_ms for live in series} == {90 * 60_000}


def test_an_hour_that_the_clocks_leave_out_is_the_next_one_and_only_that_week(
    app: Flask, sign_in: SignIn, teacher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "TIMEZONE", "Europe/Berlin")
    series = made(
        sign_in(teacher), teacher, starts_at="2027-03-21T02:30", ends_at="2027-03-21T04:00", weeks="3"
    )  # on the 28th the clocks go from 2:00 to 3:00
    local = [clock.to_datetime(live.starts_at_ms).astimezone(ZoneInfo("Europe/Berlin")) for live in series]
    assert [f"{moment:%H:%M}" for moment in local] == ["02:30", "03:30", "02:30"]


def test_a_series_is_numbered_around_what_is_taken(browser: FlaskClient, teacher: User) -> None:
    other = lives.lesson(accounts.user("other"), "低温 (3)")
    series = made(browser, teacher, weeks="4")
    assert [live.subject for live in series] == ["低温", "低温 (2)", "低温 (4)", "低温 (5)"]
    assert len({live.series_id for live in series}) == 1
    assert series[0].series_id is not None
    assert other.series_id is None
    values = [value for live in series for value in tokens.values_of(live).values()]
    assert len(set(values)) == 12
    assert tokens.values_of(series[0])[Part.TEACHER] == "q7teach4x"
    assert {live.capacity for live in series} == {40}


def test_a_series_of_numbered_subjects_goes_on_counting_and_long_ones_are_cut(
    browser: FlaskClient, teacher: User
) -> None:
    series = made(browser, teacher, subject="第一讲(7)", weeks="3")
    assert [live.subject for live in series] == ["第一讲(7)", "第一讲 (8)", "第一讲 (9)"]
    reply = browser.post("/live/new", data={**FORM, "subject": "长" * 120, "weeks": "30"})
    assert reply.status_code == 302
    long = [live.subject for live in lives.of(teacher) if live.subject.startswith("长")]
    assert len(set(long)) == 30
    assert max(len(subject) for subject in long) == 120


def test_all_weeks_are_planned_or_none(browser: FlaskClient, teacher: User, monkeypatch: pytest.MonkeyPatch) -> None:
    lives.lesson(accounts.user("other"), "低温 (3)")
    streams = db.session.scalar(select(func.count()).select_from(Stream))
    # "(3)" was free when it was asked for, and taken by somebody else before it was written
    offered = itertools.chain(["低温 (2)", "低温 (3)"], itertools.repeat("低温 (4)"))
    monkeypatch.setattr(subjects, "next_free", lambda _subject, _owner: next(offered))
    reply = browser.post("/live/new", data={**TYPED, "weeks": "5"})
    assert reply.status_code == 409
    page = Page(reply.text)
    assert "subject exists" in page.errors("subject")
    assert {name: page.fields[name] for name in TYPED} == {name: [value] for name, value in TYPED.items()}
    assert page.fields["weeks"] == ["5"]
    assert lives.of(teacher) == []
    assert db.session.scalar(select(func.count()).select_from(Stream)) == streams
    assert tokens.token_of("q7teach4x") is None


def test_all_weeks_or_none_also_when_the_database_is_the_one_that_finds_it(
    teacher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    lives.lesson(accounts.user("other"), "低温 (3)")
    plan = Plan(subject="低温", starts_at_ms=clock.now_ms(), ends_at_ms=clock.now_ms() + HOUR_MS)
    truth, asked = subjects.is_taken, []

    def is_taken(subject: str, *, but: str | None = None, owner: User | None = None) -> bool:
        asked.append(subject)
        unseen = subject == "低温 (3)" and asked.count(subject) <= 2  # `next_free` asks, and `_write`
        return not unseen and truth(subject, but=but, owner=owner)

    monkeypatch.setattr(subjects, "is_taken", is_taken)
    with pytest.raises(planning.SubjectExists) as caught:
        planning.schedule_weekly(plan, 4, owner=teacher)
    assert "低温 (4)" in str(caught.value.mend)
    assert lives.of(teacher) == []


# Cancelling


def test_what_is_cancelled_says_so_and_why_and_lets_its_tokens_go(
    app: Flask, sign_in: SignIn, browser: FlaskClient, teacher: User, learner: User
) -> None:
    (live,) = made(browser, teacher)
    path = guest_path(app, live)
    guest = app.test_client()
    guest.get(path)
    reply = browser.post(f"/live/{live.id}/cancellation", data={"reason": " 设备\r\n故障 "})
    assert reply.headers["Location"] == f"/live/{live.id}"
    assert (live.state, live.cancel_reason) == (LiveState.CANCELLED, "设备 故障")
    colleague = sign_in(learner)
    for end in ("", "/watch"):
        page = Page(colleague.get(f"/live/{live.id}{end}").text)
        assert "设备 故障" in page.text, end
    for visitor in (guest, app.test_client()):
        for address in (path, f"/live/{live.id}/watch") if visitor is guest else (path,):
            refused = visitor.get(address)
            assert refused.status_code == 409
            assert "本场直播已取消" in refused.text
            assert "设备 故障" in refused.text, "who stands before the poster is told why"
    assert tokens.token_of("q9learn6z") is None
    assert lives.lesson(teacher, tokens={Part.LEARNER: "q9learn6z"})
    assert live.subject not in colleague.get("/").text


@pytest.mark.parametrize(
    ("method", "end"),
    [("POST", "/place"), ("POST", "/lecture"), ("POST", "/plan"), ("POST", "/cancellation"), ("POST", "/key")],
)
def test_nothing_is_done_any_more_with_what_is_cancelled(
    browser: FlaskClient, teacher: User, method: str, end: str
) -> None:
    live = lives.lesson(teacher)
    planning.cancel(live, reason="先前的理由", by=teacher)
    reply = browser.open(f"/live/{live.id}{end}", method=method, data={**TYPED, "reason": "另一个理由"})
    assert reply.status_code == 409
    assert "本场直播已取消" in reply.text
    assert (live.state, live.cancel_reason) == (LiveState.CANCELLED, "先前的理由")
    assert joining.signed_up(live) == 0


def test_what_has_begun_is_not_cancelled(browser: FlaskClient, teacher: User) -> None:
    live = lives.on_air(teacher)
    assert browser.post(f"/live/{live.id}/cancellation", data={"reason": "x"}).status_code == 409
    assert live.state is LiveState.ON_AIR
    with pytest.raises(NotCancellable):
        planning.cancel(live, reason="", by=teacher)


def test_a_reason_is_cut_where_its_column_ends(browser: FlaskClient, lesson: LiveSession) -> None:
    browser.post(f"/live/{lesson.id}/cancellation", data={"reason": "因" * 10_000})
    assert lesson.cancel_reason == "因" * 300


def test_from_here_on_in_a_series(browser: FlaskClient, teacher: User) -> None:
    series = made(browser, teacher, weeks="6")
    elsewhere = lives.lesson(teacher, starts_at_ms=series[4].starts_at_ms, ends_at_ms=series[4].ends_at_ms)
    planning.cancel(series[3], reason="节日", by=teacher)
    planning.delete(series[4], by=teacher)
    page = Page(browser.get(f"/live/{series[2].id}/plan").text)
    assert ("series", "1") in [(one.get("name"), one.get("value")) for _tag, one in page.elements]
    reply = browser.post(f"/live/{series[2].id}/cancellation", data={"reason": "停课", "series": "1"})
    assert reply.status_code == 302
    assert "已取消 2 场直播" in browser.get(reply.headers["Location"]).text
    assert [live.state for live in series] == [
        LiveState.SCHEDULED, LiveState.SCHEDULED, LiveState.CANCELLED, LiveState.CANCELLED, LiveState.SCHEDULED,
        LiveState.CANCELLED,
    ]  # fmt: skip
    assert [live.cancel_reason for live in series] == ["", "", "停课", "节日", "", "停课"]
    assert elsewhere.state is LiveState.SCHEDULED
    assert tokens.values_of(series[1])
    assert {token.released_ms is None for token in series[1].tokens} == {True}
    assert {token.released_ms is None for token in series[5].tokens} == {False}


def test_one_of_a_series_goes_without_the_others_and_what_is_in_none_has_no_others(
    browser: FlaskClient, teacher: User
) -> None:
    series = made(browser, teacher, weeks="3")
    browser.post(f"/live/{series[0].id}/cancellation", data={"reason": ""})
    assert [live.state for live in series] == [LiveState.CANCELLED, LiveState.SCHEDULED, LiveState.SCHEDULED]
    alone, later = lives.lesson(teacher), lives.lesson(teacher, starts_at_ms=clock.now_ms() + HOUR_MS)
    assert planning.cancel_from(alone, reason="", by=teacher) == 1
    assert later.state is LiveState.SCHEDULED
    running = lives.on_air(teacher, starts_at_ms=clock.now_ms(), ends_at_ms=clock.now_ms() + HOUR_MS)
    with pytest.raises(NotCancellable):
        planning.cancel_from(running, reason="", by=teacher)
    with pytest.raises(Cancelled):
        planning.cancel_from(alone, reason="", by=teacher)


def test_others_do_not_cancel_or_delete(sign_in: SignIn, learner: User, lesson: LiveSession) -> None:
    helper = accounts.user("helper")
    planning.plan_anew(lesson, replace(plan_of(lesson), teachers=(helper,)), by=lesson.owner)
    for user in (learner, helper):
        browser = sign_in(user)
        assert browser.post(f"/live/{lesson.id}/cancellation", data={"reason": "x"}).status_code == 403
        assert browser.delete(f"/live/{lesson.id}/plan").status_code == 403
    assert lesson.state is LiveState.SCHEDULED
    assert lesson.deleted_ms is None


# Deleting


@pytest.mark.parametrize("state", ["planned", "draft", "cancelled"])
def test_what_has_not_begun_is_deleted_and_everything_about_it_is_free(
    app: Flask, sign_in: SignIn, browser: FlaskClient, teacher: User, learner: User, state: str
) -> None:
    (live,) = made(browser, teacher, **({"draft": "1"} if state == "draft" else {}))
    if state == "cancelled":
        planning.cancel(live, reason="", by=teacher)
    path = guest_path(app, live)
    assert browser.delete(f"/live/{live.id}/plan").headers["Location"] == "/live/mine"
    assert lives.of(teacher) == []
    for end in ("", "/watch", "/studio", "/plan", "/copy", "/sharing", "/qr.svg"):
        assert browser.get(f"/live/{live.id}{end}").status_code == 404, end
    assert app.test_client().get(path).status_code == 410
    assert sign_in(learner).post(f"/live/{live.id}/place").status_code == 404
    assert len(made(browser, teacher)) == 1, "subject and tokens are free"


# What can be changed while it runs

CHANGES = {
    "subject": ("另一个名称", {"subject": "另一个名称"}),
    "starts_at_ms": (1_796_000_400_000, {"starts_at": "2026-11-30T09:00"}),
    "mode": (LiveMode.SMALL_CLASS, {"mode": "small_class"}),
    "audience": (Audience.EVERYONE, {"audience": "everyone"}),
    "capacity": (7, {"capacity": "7"}),
    "recording_policy": (RecordingPolicy.NEVER, {"recording_policy": "never"}),
    "draft": (True, {"draft": "1"}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_may_not_change_while_it_runs_does_not(app: Flask, browser: FlaskClient, teacher: User, name: str) -> None:
    live = lives.on_air(teacher)
    before, (value, typed) = plan_of(live), CHANGES[name]
    with pytest.raises(NotWhileRunning):
        planning.plan_anew(live, replace(before, **{name: value}), by=teacher)
    reply = browser.post(f"/live/{live.id}/plan", data={**form_of(app, live), "guests": "y", **typed})
    assert reply.status_code in {302, 409}
    assert getattr(plan_of(live), name) == getattr(before, name)
    said = browser.get(f"/live/{live.id}").text
    assert ("直播已经开始" in said) is (name != "draft"), "what was typed in vain is named"


def test_what_is_published_is_not_made_a_draft_again(app: Flask, browser: FlaskClient, teacher: User) -> None:
    (live,) = made(browser, teacher)
    assert browser.post(f"/live/{live.id}/plan", data={**TYPED, "draft": "1"}).status_code == 302
    assert not live.draft


def test_more_people_than_there_is_room_for_are_named_as_too_many(browser: FlaskClient, teacher: User) -> None:
    crowd = [accounts.user(f"crowd{number}") for number in range(MOST_PRESENTERS + 1)]
    reply = browser.post("/live/new", data={**TYPED, "assistants": [str(user.id) for user in crowd]})
    assert reply.status_code == 422
    assert f"最多 {MOST_PRESENTERS} 人" in reply.text
    assert lives.of(teacher) == []


def test_what_a_department_had_chosen_stays_a_choice_when_it_becomes_an_institute(
    sign_in: SignIn,
) -> None:
    teacher = roles.manager(accounts.user("of_a_department", unit=units.department(units.institute())))
    browser = sign_in(teacher)
    (live,) = made(browser, teacher, audience="department")
    live.unit.kind = UnitKind.INSTITUTE
    db.session.commit()
    assert browser.post(f"/live/{live.id}/plan", data={**TYPED, "audience": "department"}).status_code == 302
    assert live.audience is Audience.DEPARTMENT


def test_a_plan_has_no_field_that_this_file_forgets() -> None:
    assert set(CHANGES) | set(planning.WHILE_RUNNING) == set(Plan.__dataclass_fields__)


def test_the_form_of_one_that_runs_offers_only_what_may_change(browser: FlaskClient, teacher: User) -> None:
    live = lives.on_air(teacher)
    fields = set(Page(browser.get(f"/live/{live.id}/plan").text).fields)
    assert {"ends_at", "abstract", "guests", "cover_name", "teacher_token"} <= fields
    assert not {"subject", "starts_at", "mode", "audience", "capacity", "recording_policy", "weeks"} & fields


def test_what_may_change_while_it_runs_does(app: Flask, browser: FlaskClient, teacher: User) -> None:
    helper, second = accounts.user("helper"), accounts.user("second")
    live = lives.on_air(teacher)
    shown = {name: values[0] for name, values in Page(browser.get(f"/live/{live.id}/plan").text).fields.items()}
    reply = browser.post(
        f"/live/{live.id}/plan",
        data={
            **{name: value for name, value in shown.items() if name not in {"guests", "csrf_token"}},
            "ends_at": "2026-11-24T20:30",
            "abstract": "新简介",
            "teachers": [str(teacher.id), str(second.id)],
            "assistants": [str(helper.id)],
            "learner_token": "newtoken1",
        },
    )
    assert reply.status_code == 302, Page(reply.text).text
    assert f"{clock.to_datetime(live.ends_at_ms):%H:%M}" == "12:30"
    assert (live.abstract, live.guests) == ("新简介", False)
    assert live.people_of(Part.TEACHER) == [teacher, second]
    assert live.people_of(Part.ASSISTANT) == [helper]
    assert tokens.values_of(live)[Part.LEARNER] == "newtoken1"


def test_saving_while_it_runs_does_not_move_an_end_that_was_extended(browser: FlaskClient, teacher: User) -> None:
    live = lives.on_air(teacher)
    live.ends_at_ms = live.ends_at_ms // 60_000 * 60_000 + 42_123
    db.session.commit()
    before = live.ends_at_ms
    shown = {name: values[0] for name, values in Page(browser.get(f"/live/{live.id}/plan").text).fields.items()}
    assert browser.post(f"/live/{live.id}/plan", data={**shown, "abstract": "新"}).status_code == 302
    assert (live.abstract, live.ends_at_ms) == ("新", before)


def test_two_parts_may_exchange_their_tokens(browser: FlaskClient, teacher: User) -> None:
    (live,) = made(browser, teacher)
    swapped = {"teacher_token": "q9learn6z", "assistant_token": "q7teach4x", "learner_token": "q8assist5y"}
    reply = browser.post(f"/live/{live.id}/plan", data={**TYPED, **swapped})
    assert reply.status_code == 302
    kept = {Part.TEACHER: "q9learn6z", Part.ASSISTANT: "q7teach4x", Part.LEARNER: "q8assist5y"}
    assert tokens.values_of(live) == kept
    for part, value in tokens.values_of(live).items():
        token = tokens.token_of(value)
        assert token is not None
        assert token.part is part


# Places


def test_who_signs_up_has_a_place_once_and_may_give_it_back(
    sign_in: SignIn, learner: User, lesson: LiveSession
) -> None:
    browser, address = sign_in(learner), f"/live/{lesson.id}/place"
    assert f'action="{address}"' in browser.get(f"/live/{lesson.id}").text
    for _ in range(2):
        assert browser.post(address).headers["Location"] == f"/live/{lesson.id}"
    assert joining.signed_up(lesson) == 1
    assert f'action="{address}?_method=DELETE"' in browser.get(f"/live/{lesson.id}").text
    for _ in range(2):
        assert browser.post(f"{address}?_method=DELETE").status_code == 302
    assert joining.signed_up(lesson) == 0
    browser.post(address)
    assert joining.signed_up(lesson) == 1


def test_when_all_places_are_taken_the_next_one_waits_for_one_to_be_given_back(
    sign_in: SignIn, teacher: User, learner: User
) -> None:
    live, other = lives.lesson(teacher, capacity=1), accounts.user("other")
    address = f"/live/{live.id}/place"
    sign_in(other).post(address)
    browser = sign_in(learner)
    assert "本场名额已满" in browser.get(f"/live/{live.id}").text
    reply = browser.post(address)
    assert reply.status_code == 409
    assert "本场名额已满" in reply.text
    with pytest.raises(Full):
        joining.sign_up(live, learner)
    sign_in(other).delete(address)
    assert browser.post(address).status_code == 302
    assert joining.signed_up(live) == 1
    assert sign_in(accounts.user("third")).get(f"/live/{live.id}/watch").status_code == 200, "a place is no ticket"


def test_two_at_the_same_moment_do_not_get_the_last_place(sign_in: SignIn, teacher: User) -> None:
    live = lives.lesson(teacher, capacity=2)
    joining.sign_up(live, accounts.user("early"))
    browsers = [sign_in(accounts.user(name)) for name in ("p1", "p2", "p3")]
    address = f"/live/{live.id}/place"
    statuses = at_once(*(lambda one=one: one.post(address).status_code for one in browsers))
    assert sorted(statuses) == [302, 409, 409]
    db.session.rollback()  # this thread has looked before
    assert joining.signed_up(live) == 2


def test_visitors_and_strangers_do_not_sign_up(sign_in: SignIn, client: FlaskClient, teacher: User) -> None:
    live = lives.lesson(teacher, audience=Audience.EVERYONE)
    assert client.post(f"/live/{live.id}/place").status_code == 401
    closed = lives.lesson(roles.manager(accounts.user("m", unit=units.institute())), audience=Audience.INSTITUTE)
    assert sign_in(teacher).post(f"/live/{closed.id}/place").status_code == 404


# Recording


def test_what_is_planned_without_recording_is_never_kept(sign_in: SignIn, browser: FlaskClient, teacher: User) -> None:
    live = lives.on_air(teacher, recording_policy=RecordingPolicy.NEVER)
    assert not live.recording
    reply = browser.post(f"/live/{live.id}/recording")
    assert reply.status_code == 409
    assert "本场安排为不录制" in reply.text
    with pytest.raises(NotRecordable):
        services.set_recording(live, True, by=teacher)
    assert f"/live/{live.id}/recording" not in browser.get(f"/live/{live.id}/studio").text
    services.end(live, by=teacher)
    assert live.stream.rules().record == ()
    assert not live.has_recording


@pytest.mark.parametrize(
    ("policy", "records"),
    [(RecordingPolicy.FROM_START, True), (RecordingPolicy.BY_HAND, False), (RecordingPolicy.NEVER, False)],
)
def test_the_policy_decides_what_is_recorded_from_the_start(
    teacher: User, policy: RecordingPolicy, records: bool
) -> None:
    live = lives.on_air(teacher, recording_policy=policy)
    assert (live.recording, len(live.stream.rules().record)) == (records, int(records))


def test_another_policy_before_it_begins_sets_the_switch_anew_and_the_same_one_leaves_it(teacher: User) -> None:
    live = lives.lesson(teacher)
    services.set_recording(live, False, by=teacher)
    planning.plan_anew(live, replace(plan_of(live), abstract="x"), by=teacher)
    assert not live.recording
    planning.plan_anew(live, replace(plan_of(live), recording_policy=RecordingPolicy.NEVER), by=teacher)
    planning.plan_anew(live, replace(plan_of(live), recording_policy=RecordingPolicy.FROM_START), by=teacher)
    assert live.recording


# Two at once


@pytest.mark.parametrize("field", ["subject", "teacher_token"])
def test_of_two_who_send_the_same_at_once_one_is_told_kindly_and_loses_nothing(
    sign_in: SignIn, teacher: User, field: str
) -> None:
    browsers = [sign_in(teacher), sign_in(teacher)]
    forms = [{**FORM, "subject": f"第 {number} 场", "abstract": "不能丢的简介"} for number in (1, 2)]
    for form in forms:
        form[field] = "hk42zq8w"
    replies = at_once(
        *(
            lambda one=one, form=form: one.post("/live/new", data=form)
            for one, form in zip(browsers, forms, strict=True)
        )
    )
    made, refused = sorted(replies, key=lambda reply: reply.status_code)
    assert made.status_code == 302
    assert refused.status_code in ({409} if field == "subject" else {409, 422})
    page = Page(refused.text)
    assert {"subject": "subject exists", "teacher_token": "same token value found"}[field] in page.errors(field)
    assert page.fields["abstract"] == ["不能丢的简介"]
    assert page.fields[field] == [form[field]]
    assert len(lives.of(teacher)) == 1
