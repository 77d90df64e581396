"""What happens to lessons: states, stretches, timeline."""

from __future__ import annotations

import pytest
import time_machine
from flask import Flask

from app.accounts.models import User
from app.live import events, kinds, services
from app.live.lifecycle import AlreadyEnded, LiveState, NotNow
from app.live.models import LiveSession
from app.media import services as media_services
from app.timeline import queries as timeline
from media_worker.contract import Ended
from tests.factories import live as lives
from tests.factories import media


def states_in_timeline(live: LiveSession) -> list[str]:
    return [event.payload["state"] for event in timeline.after(live.id, 0, kinds={kinds.STATE})]


def test_a_lesson_from_start_to_end(lesson: LiveSession, teacher: User) -> None:
    media.encoder(lesson.stream)
    services.start(lesson, by=teacher)
    services.pause(lesson, by=teacher, message="  十分钟后继续  ")
    assert lesson.status()["message"] == "十分钟后继续"
    services.resume(lesson, by=teacher)
    services.end(lesson, by=teacher)
    assert states_in_timeline(lesson) == ["on_air", "paused", "on_air", "ended"]
    assert lesson.started_at_ms is not None
    assert lesson.ended_at_ms is not None


def test_only_what_is_on_air_is_shown_and_kept(lesson: LiveSession, teacher: User) -> None:
    media.encoder(lesson.stream)
    services.start(lesson, by=teacher)
    services.pause(lesson, by=teacher)
    services.resume(lesson, by=teacher)
    services.end(lesson, by=teacher)
    rules = lesson.stream.rules()
    assert len(rules.air) == 2
    assert all(stretch.to_ms is not None for stretch in rules.air)
    assert len(rules.record) == 1
    assert rules.ended


def test_recording_is_a_switch_of_its_own(teacher: User) -> None:
    live = lives.on_air(teacher, recording=False)
    assert live.stream.rules().record == ()
    services.set_recording(live, True, by=teacher)
    services.set_recording(live, False, by=teacher)
    assert len(live.stream.rules().record) == 1
    assert live.stream.rules().air[-1].to_ms is None


def test_a_lost_encoder_interrupts_and_never_ends(teacher: User) -> None:
    live = lives.on_air(teacher)
    media_services.end_run(live.stream_id, Ended(live.stream.run, "connection lost"))
    assert (live.state, live.reason) == (LiveState.INTERRUPTED, "encoder_lost")
    assert live.stream.rules().air[-1].to_ms is None, "what comes after reconnecting is shown at once"
    media.encoder(live.stream)
    assert live.state is LiveState.ON_AIR


def test_started_before_the_encoder_learners_wait_for_it(lesson: LiveSession, teacher: User) -> None:
    services.start(lesson, by=teacher)
    assert (lesson.state, lesson.reason) == (LiveState.INTERRUPTED, "waiting_for_encoder")
    media.encoder(lesson.stream, picture=False)
    assert lesson.state is LiveState.INTERRUPTED, "accepted, but no picture yet"
    media.encoder(lesson.stream)
    assert lesson.state is LiveState.ON_AIR


def test_an_encoder_before_the_start_changes_nothing_for_learners(lesson: LiveSession) -> None:
    media.encoder(lesson.stream)
    assert lesson.state is LiveState.SCHEDULED
    assert lesson.stream.rules().air == ()


@pytest.mark.parametrize(("seconds", "state"), [(299, LiveState.AWAY), (302, LiveState.ENDED)])
def test_a_lesson_that_its_presenter_left_ends_after_five_minutes(
    teacher: User, seconds: int, state: LiveState
) -> None:
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as traveller:
        live = lives.on_air(teacher)
        services.leave(live, by=teacher)
        traveller.shift(seconds)
        services.end_abandoned()
        assert live.state is state


def test_a_presenter_who_has_the_studio_open_is_there(teacher: User) -> None:
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as traveller:
        live = lives.on_air(teacher)
        services.leave(live, by=teacher)
        traveller.shift(200)
        services.see_presenter(live.id)
        traveller.shift(200)
        services.end_abandoned()
        assert live.state is LiveState.AWAY
        traveller.shift(120)
        services.end_abandoned()
        assert live.state is LiveState.ENDED


def test_an_interrupted_lesson_waits_for_hours(teacher: User) -> None:
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as traveller:
        live = lives.on_air(teacher)
        media_services.end_run(live.stream_id, Ended(live.stream.run, "gone"))
        traveller.shift(4 * 3600)
        services.end_abandoned()
        assert live.state is LiveState.INTERRUPTED


def test_a_wrong_verb_changes_nothing(teacher: User) -> None:
    live = lives.on_air(teacher)
    before = states_in_timeline(live)
    with pytest.raises(NotNow):
        services.resume(live, by=teacher)
    services.end(live, by=teacher)
    with pytest.raises(AlreadyEnded):
        services.start(live, by=teacher)
    with pytest.raises(AlreadyEnded):
        services.set_recording(live, False, by=teacher)
    with pytest.raises(AlreadyEnded):
        services.change_key(live)
    assert states_in_timeline(live) == [*before, "ended"]


def test_signals_come_after_the_commit(app: Flask, teacher: User) -> None:
    live = lives.on_air(teacher)
    heard = []

    def listen(live_id: str) -> None:
        heard.append((live_id, timeline.last_id(live_id)))

    with events.ended.connected_to(listen):
        services.end(live, by=teacher)
    assert heard == [(live.id, 2)]
