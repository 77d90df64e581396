"""Changes of lessons. Every change of state goes through `_change`, and leaves an event in the timeline.

Plans that are made beforehand are in `planning`.
"""

from __future__ import annotations

from functools import partial

from flask import current_app

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock, pulse
from app.kernel.text import one_line
from app.kernel.unit_of_work import lock, unit_of_work
from app.live import events, kinds, policies, queries, tokens
from app.live.errors import NotRecordable, StillADraft, TimeOver, TooEarly
from app.live.lifecycle import LiveState, Verb, refuse_over, transition
from app.live.models import Audience, EndedBy, LiveSession, RecordingPolicy
from app.live.window import ASKED_BEFORE_MS, GRACE_MS, Window, extended_end_ms, window_of
from app.media import services as media
from app.timeline import services as timeline
from app.units import queries as units

MAX_PAUSE_MESSAGE = 200


def start(live: LiveSession, *, by: User) -> None:
    """开始讲课: from now on learners see what the encoder sends.

    Raises:
        StillADraft: nobody could watch it.
        TooEarly, TimeOver: it is not the time of the lesson.
    """
    if live.state is LiveState.SCHEDULED:
        if live.draft and live.rehearses_id is None:
            raise StillADraft
        where = window_of(live, clock.now_ms())
        if where is Window.EARLY:
            raise TooEarly
        if where is Window.OVER:
            raise TimeOver
    with unit_of_work():
        rehearsal = queries.rehearsal_of(live)
        if rehearsal is not None:
            drop_rehearsal(rehearsal)  # its encoder belongs on air now
        _change(live, Verb.START, by=by)


def drop_rehearsal(rehearsal: LiveSession) -> None:
    """End a rehearsal, whether or not it was begun; the lesson has its publish key again."""
    with unit_of_work() as after_commit:
        if rehearsal.is_running:
            end(rehearsal, by=None)
            return
        lock(rehearsal)
        rehearsal.enter(LiveState.ENDED, clock.now_ms())
        _order_media(rehearsal, began=False, at_ms=clock.now_ms())
        _announce(rehearsal, None)
        after_commit(lambda: events.changed.send(rehearsal.id))


def pause(live: LiveSession, *, by: User, message: str = "") -> None:
    """暂停讲课: learners see 已暂停 and the message."""
    _change(live, Verb.PAUSE, by=by, message=(one_line(message) or "")[:MAX_PAUSE_MESSAGE])


def resume(live: LiveSession, *, by: User) -> None:
    """继续: on air again."""
    _change(live, Verb.RESUME, by=by)


def leave(live: LiveSession, *, by: User) -> None:
    """临时离开: learners see 缓冲中, and 已结束 when no presenter comes back in time."""
    _change(live, Verb.LEAVE, by=by)


def come_back(live: LiveSession, *, by: User) -> None:
    """Back from 临时离开."""
    _change(live, Verb.RETURN, by=by)


def end(live: LiveSession, *, by: User | None, ended_by: EndedBy = EndedBy.PRESENTER) -> None:
    """本次直播结束: learners see 已结束, the recording is the replay."""
    with unit_of_work():
        live.ended_by = ended_by
        _change(live, Verb.END, by=by)


def extend(live: LiveSession) -> None:
    """延长: let a lesson end half an hour later.

    Raises:
        AlreadyEnded, Cancelled: it is over.
    """
    with unit_of_work() as after_commit:
        lock(live)
        refuse_over(live.state)
        live.ends_at_ms = extended_end_ms(live, clock.now_ms())
        after_commit(lambda: events.changed.send(live.id))


def set_recording(live: LiveSession, on: bool, *, by: User) -> None:
    """开始录制 or 停止录制.

    Raises:
        AlreadyEnded, Cancelled: there is nothing to record any more.
        NotRecordable: the plan says that nothing is kept.
    """
    with unit_of_work() as after_commit:
        lock(live)
        refuse_over(live.state)
        if live.recording == on:
            return
        if on and live.recording_policy is RecordingPolicy.NEVER:
            raise NotRecordable
        live.recording = on
        if live.is_running:
            media.set_record(live.stream, on, at_ms=clock.now_ms())
        _announce(live, by)
        after_commit(lambda: events.changed.send(live.id))


def change_key(live: LiveSession) -> None:
    """Replace the key of the lesson's stream, and stop the encoder that uses the old one.

    Raises:
        AlreadyEnded, Cancelled: no encoder is wanted any more.
    """
    refuse_over(live.state)
    media.change_key(live.stream)


def find_encoder(stream_id: str) -> None:
    """Handle the news that the lesson's encoder delivers."""
    _hear(stream_id, Verb.FIND_ENCODER)


def lose_encoder(stream_id: str) -> None:
    """Handle the news that the lesson's encoder is gone: the lesson goes on, and learners see 缓冲中."""
    _hear(stream_id, Verb.LOSE_ENCODER)


def follow_unit(unit_id: int) -> None:
    """Handle a unit that has moved or changed its kind: its lessons for 本单位 are for another unit from now on.

    Who may watch a lesson that is over stays as it was.
    """
    unit = units.unit(unit_id)
    if unit is None:
        return
    with unit_of_work() as after_commit:
        for live in queries.not_over_beneath(unit.path, Audience.INSTITUTE):
            live.audience_unit = policies.audience_unit(live.unit, live.audience)
            after_commit(partial(events.changed.send, live.id))


def see_presenter(live_id: str) -> None:
    """Note that a presenter has the studio open."""
    with unit_of_work():
        live = db.session.get(LiveSession, live_id)
        if live is not None:
            live.presenter_seen_ms = clock.now_ms()


def end_abandoned() -> None:
    """End the lessons to which no presenter came back while she could: an outage of the service is nobody's absence."""
    patience_ms = current_app.config["AWAY_MINUTES"] * 60_000
    if not pulse.well_since(clock.now_ms() - patience_ms):
        return
    for live_id in queries.abandoned(clock.now_ms() - patience_ms):
        with unit_of_work():
            live = db.session.get_one(LiveSession, live_id)
            lock(live)
            if live.state is LiveState.AWAY and live.presenter_seen_ms < clock.now_ms() - patience_ms:
                end(live, by=None, ended_by=EndedBy.ABANDONED)


def end_overdue() -> None:
    """End the lessons that ran half an hour past their end and were not extended.

    After an outage the presenters have as long to extend as they had before the end.
    """
    if not pulse.well_since(clock.now_ms() - ASKED_BEFORE_MS):
        return
    latest_ms = clock.now_ms() - GRACE_MS
    for live_id in queries.overdue(latest_ms):
        with unit_of_work():
            live = db.session.get_one(LiveSession, live_id)
            lock(live)
            if live.is_running and live.ends_at_ms <= clock.now_ms() - GRACE_MS:
                end(live, by=None, ended_by=EndedBy.OVERTIME)


def _hear(stream_id: str, verb: Verb) -> None:
    live = queries.live_by_stream(stream_id)
    if live is not None:
        _change(live, verb, by=None)


def _change(live: LiveSession, verb: Verb, *, by: User | None, message: str = "") -> None:
    with unit_of_work() as after_commit:
        lock(live)
        lock(live.stream)
        state = transition(live.state, verb, encoder=live.stream.has_picture)
        if state is live.state:
            return
        now = clock.now_ms()
        was_running = live.is_running
        live.enter(state, now)
        live.pause_message = message
        _order_media(live, began=live.is_running and not was_running, at_ms=now)
        _announce(live, by)
        after_commit(lambda: events.changed.send(live.id))
        if state is LiveState.ENDED:
            tokens.release(live)
            after_commit(lambda: events.ended.send(live.id))


def _order_media(live: LiveSession, *, began: bool, at_ms: int) -> None:
    if live.state is LiveState.ENDED:
        if live.rehearses_id is not None:
            media.exchange_keys(live.stream, db.session.get_one(LiveSession, live.rehearses_id).stream)
        media.end(live.stream, at_ms=at_ms)
        return
    if began and live.recording:
        media.set_record(live.stream, True, at_ms=at_ms)
    media.set_air(live.stream, live.is_shown, at_ms=at_ms)


def _announce(live: LiveSession, by: User | None) -> None:
    timeline.append(live.id, kinds.STATE, live.status(), by_id=by.id if by else None)
