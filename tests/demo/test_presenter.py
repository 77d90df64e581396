"""Who turns the pages of the example lecture, and when."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from app.accounts.models import User
from app.classroom.engine.presence.models import Presence
from app.classroom.slides import kinds, queries
from app.demo import deck
from app.demo.presenter import HANDS_OFF_MS, OFTEN_MS, SELDOM_MS, Presenter
from app.extensions import db
from app.kernel import clock
from app.live import services
from app.live.models import LiveSession
from app.timeline import services as timeline
from tests.factories import documents, live

Clock = time_machine.Traveller


@pytest.fixture
def at(app: Flask) -> Iterator[Clock]:
    """The clock, which stands still until the test moves it."""
    with time_machine.travel(clock.now_ms() / 1000, tick=False) as traveller:
        yield traveller


@pytest.fixture
def lesson(teacher: User, at: Clock) -> LiveSession:
    """A lesson on air with a deck of two pages, two steps each."""
    lesson = live.on_air(teacher)
    documents.ready(lesson, deck.NAME, pages=2, steps=2)
    return lesson


def place(lesson: LiveSession) -> tuple[int, int]:
    shown = queries.page_shown(lesson.id)
    assert shown is not None
    return shown.payload["page"], shown.payload["step"]


def somebody_comes(lesson: LiveSession, learner: User) -> None:
    now = clock.now_ms()
    key, part = f"u{learner.id}", "learner"
    here = Presence(
        live_id=lesson.id, key=key, user_id=learner.id, name="张三", unit="", part=part, entered_ms=now, seen_ms=now
    )
    db.session.add(here)
    db.session.commit()


def test_first_page_is_shown_at_once_then_step_by_step_and_again_from_the_beginning(
    lesson: LiveSession, at: Clock
) -> None:
    presenter, seen = Presenter(), []
    for _ in range(5):
        assert presenter.look(lesson)
        seen.append(place(lesson))
        at.shift(SELDOM_MS / 1000)
    assert seen == [(1, 0), (1, 1), (2, 0), (2, 1), (1, 0)]


def test_pages_turn_more_often_while_somebody_is_there(lesson: LiveSession, learner: User, at: Clock) -> None:
    presenter = Presenter()
    presenter.look(lesson)
    at.shift(OFTEN_MS / 1000)
    assert not presenter.look(lesson)
    somebody_comes(lesson, learner)
    assert presenter.look(lesson)
    at.shift(OFTEN_MS / 1000 - 1)
    assert not presenter.look(lesson)


def test_who_leads_the_stage_from_the_studio_is_not_disturbed(lesson: LiveSession, learner: User, at: Clock) -> None:
    presenter = Presenter()
    presenter.look(lesson)
    timeline.append(lesson.id, kinds.SCENE, {"layout": "side"}, by_id=lesson.owner_id)
    at.shift(HANDS_OFF_MS / 1000 - 5)
    somebody_comes(lesson, learner)
    assert not presenter.look(lesson)
    at.shift(10)
    assert presenter.look(lesson)


def test_nothing_turns_while_the_lesson_is_paused_or_has_no_deck(lesson: LiveSession, teacher: User) -> None:
    assert not Presenter().look(live.on_air(teacher, "没有讲义"))
    services.pause(lesson, by=teacher)
    assert not Presenter().look(lesson)
