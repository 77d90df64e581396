"""Planning a session: subjects are unique, what is planned can be changed, what has begun only a little."""

from __future__ import annotations

import re
import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock, web
from app.live import subjects
from app.live.errors import SubjectExists
from app.live.models import Audience, LiveSession
from app.live.planning import services as planning
from app.live.planning.plans import Plan
from tests.conftest import SignIn
from tests.factories import live as lives

HOUR_MS = 3_600_000


def typed(app: Flask, ms: int) -> str:
    """Return a moment as a field for dates holds it."""
    with app.test_request_context():
        return clock.to_datetime(ms).astimezone(web.zone()).strftime("%Y-%m-%dT%H:%M")


def plan_of(app: Flask, live: LiveSession, **change: str) -> dict[str, str]:
    """Return the form as the page shows it."""
    with app.test_request_context():
        shown = {
            "subject": live.subject,
            "starts_at": typed(app, live.starts_at_ms),
            "ends_at": typed(app, live.ends_at_ms),
            "audience": str(live.audience),
            "abstract": live.abstract,
            "mode": str(live.mode),
            "recording_policy": str(live.recording_policy),
        }
    return {**shown, **change}


@pytest.fixture
def browser(sign_in: SignIn, teacher: User) -> FlaskClient:
    return sign_in(teacher)


@pytest.mark.parametrize("written", ["超导 导论", " 超导　导论", "超导  导论", "ＳＵＰＥＲ", "super"])
def test_subjects_are_the_same_however_they_are_written(teacher: User, written: str) -> None:
    lives.lesson(teacher, "超导 导论")
    lives.lesson(teacher, "Super")
    with pytest.raises(SubjectExists):
        planning.schedule(Plan(subject=written, starts_at_ms=1, ends_at_ms=2), owner=teacher)


def test_the_next_free_subject_is_offered_and_taken_with_one_press(
    app: Flask, browser: FlaskClient, teacher: User, lesson: LiveSession
) -> None:
    lives.lesson(teacher, f"{lesson.subject} (2)")
    form = plan_of(app, lesson, abstract="不能丢的简介")
    reply = browser.post("/live/new", data=form)
    assert reply.status_code == 409
    assert "subject exists" in reply.text
    assert "不能丢的简介" in reply.text
    offered = re.search(r'name="offered"\s+value="([^"]+)"', reply.text)
    assert offered
    assert offered[1] == f"{lesson.subject} (3)"
    assert browser.post("/live/new", data={**form, "offered": offered[1]}).status_code == 302
    assert offered[1] in [live.subject for live in lives.of(teacher)]


def test_an_offered_subject_is_not_too_long(teacher: User) -> None:
    long = "长" * 120
    lives.lesson(teacher, long)
    offered = subjects.next_free(long)
    assert len(offered) == 120
    assert offered.endswith(" (2)")
    lives.lesson(teacher, offered)
    assert subjects.next_free(offered).endswith(" (3)")


def test_two_at_the_same_moment_do_not_get_the_same_subject(app: Flask, teacher: User) -> None:
    teacher_id, ready, outcomes = teacher.id, threading.Barrier(2), []

    def schedule() -> None:
        with app.app_context():
            owner = db.session.get_one(User, teacher_id)
            ready.wait(10)
            try:
                planning.schedule(Plan(subject="同一个名称", starts_at_ms=1, ends_at_ms=2), owner=owner)
                outcomes.append("made")
            except SubjectExists as error:
                outcomes.append(error.code)
            db.session.remove()

    threads = [threading.Thread(target=schedule) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["made", "subject exists"]


def test_a_planned_session_can_be_changed(app: Flask, browser: FlaskClient, lesson: LiveSession) -> None:
    page = browser.get(f"/live/{lesson.id}/plan").text
    assert lesson.subject in page
    later = plan_of(app, lesson, subject="新名称", abstract="新简介", audience="everyone")
    assert browser.post(f"/live/{lesson.id}/plan", data=later).status_code == 302
    db.session.refresh(lesson)
    assert (lesson.subject, lesson.abstract, lesson.audience) == ("新名称", "新简介", Audience.EVERYONE)


def test_saving_without_a_change_is_no_conflict_with_itself(
    app: Flask, browser: FlaskClient, lesson: LiveSession
) -> None:
    assert browser.post(f"/live/{lesson.id}/plan", data=plan_of(app, lesson)).status_code == 302


def test_of_one_that_runs_only_its_end_and_what_it_is_about_change(
    app: Flask, browser: FlaskClient, teacher: User
) -> None:
    live = lives.on_air(teacher)
    before, address = live.subject, f"/live/{live.id}/plan"
    page = browser.get(address).text
    assert 'name="subject"' not in page
    later = typed(app, live.ends_at_ms + HOUR_MS)  # on any day, at any hour: the next day begins within it, too
    longer = plan_of(app, live, subject="anders", abstract="新简介", audience="everyone", ends_at=later)
    assert browser.post(address, data=longer).status_code == 302
    db.session.refresh(live)
    assert (live.subject, live.abstract, live.audience) == (before, "新简介", Audience.ACADEMY)
    assert typed(app, live.ends_at_ms) == later


def test_what_is_deleted_is_gone_and_its_subject_is_free(
    app: Flask, browser: FlaskClient, teacher: User, lesson: LiveSession
) -> None:
    subject, key = lesson.subject, lesson.stream.key
    assert browser.post(f"/live/{lesson.id}/plan?_method=DELETE").status_code == 302
    assert browser.get(f"/live/{lesson.id}").status_code == 404
    assert subject not in browser.get("/").text
    assert lives.lesson(teacher, subject).stream.key != key


def test_what_has_begun_is_not_deleted(browser: FlaskClient, teacher: User) -> None:
    live = lives.on_air(teacher)
    assert browser.post(f"/live/{live.id}/plan?_method=DELETE").status_code == 409
    assert browser.get(f"/live/{live.id}").status_code == 200


def test_an_ended_session_is_not_planned_anew(app: Flask, browser: FlaskClient, teacher: User) -> None:
    live = lives.ended(teacher)
    assert browser.post(f"/live/{live.id}/plan", data=plan_of(app, live, abstract="x")).status_code == 409
