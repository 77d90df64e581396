"""People enter and leave the stage here, its rules are set, and signals between its pages pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import delete

from app.classroom.engine.commands import Call
from app.classroom.engine.presence import queries as people
from app.classroom.hands import queries as hand_queries
from app.classroom.hands import services as hands
from app.classroom.hands.errors import HandDown, StageFull
from app.classroom.hands.models import Hand
from app.classroom.stage import errors, kinds, queries, turn
from app.classroom.stage.models import StageMember, StageRules, StageSignal
from app.classroom.stage.post import post
from app.classroom.stage.views import stage_view
from app.extensions import db
from app.kernel import clock, pulse
from app.kernel.errors import Forbidden
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.lifecycle import refuse_over
from app.live.models import LiveSession
from app.live.policies import May
from app.media import doors
from app.timeline import services as timeline
from app.timeline.models import Event
from media_worker.contract import VOICE_PATH, mix_signature, voice_signature

LONGEST_SIGNAL = 20_000
"""Characters. A description with sound, picture and all codecs of Chromium has 7,000."""

UNREAD_MS = 30_000
"""A signal that nobody took for so long is about a connection that was given up long ago."""

HOST_GONE_MS = 30_000
"""A studio that reloads is back sooner; who stays is noted every 15 s
(presence/keeper.py), and by a busy machine later."""

VOICE_ADDRESS_S = 30
"""From the address to the open websocket."""

LONGEST_TURN_S = 3600
LAYOUTS: Mapping[str, LazyString] = {
    "side": _l("side by side"),
    "large": _l("speaker large"),
    "strip": _l("speakers in a strip beneath"),
}
"""Arrangements of the speakers in the picture, with their words."""


def enter(call: Call, *, host: bool) -> dict[str, Any]:
    """Come to the stage with this page, in place of the same person's page before.

    Args:
        call: of a page with a websocket.
        host: this page composes and sends the picture; whose page did until now does so no more.

    Returns:
        `ice`: servers for connections; `me`: the own page; and the stage as its events bring it.

    Raises:
        NoSocket: the page has none.
        Forbidden: a host has to be a presenter.
        NoFloor, StageFull: she may not speak now.
        AlreadyEnded, Cancelled: the lesson is over.
    """
    if not call.page:
        raise errors.NoSocket
    if host and May.DIRECT not in call.may:
        raise Forbidden
    with unit_of_work():
        lock(call.live)
        refuse_over(call.live.state)
        if host:
            _leave_to(call)
        else:
            _need_floor(call)
        _place(call, host=host)
    post().serve(call.live.id, call.page)
    return {"ice": turn.ice_servers(call.person.key), "me": call.page, **stage_view(call.live.id).as_data()}


def leave(call: Call) -> None:
    """Leave the stage; a speaker's hand goes down by that, and a page that is not on it changes nothing."""
    with unit_of_work():
        lock(call.live)
        row = db.session.get(StageMember, (call.live.id, call.person.key))
        if row is None or row.page != call.page:
            return
        if row.host:
            _remove_host(row, by_id=call.person.user_id)
        else:
            hands.lower(call.live.id, row.key, by_id=call.person.user_id, left=True)


def clear(call: Call) -> None:
    """全部下台: take the floor from everybody. People who wait go on waiting."""
    with unit_of_work():
        lock(call.live)
        for hand in hand_queries.queue(call.live.id):
            if hand.called_ms is not None:
                hands.lower(call.live.id, hand.key, by_id=call.person.user_id)


def mute(call: Call, key: str, *, on: bool) -> None:
    """静音: mute a speaker, or let her be heard again.

    Raises:
        HandDown: she is not on the stage.
    """
    with unit_of_work():
        lock(call.live)
        row = db.session.get(StageMember, (call.live.id, key))
        if row is None or row.host:
            raise HandDown
        if row.muted != on:
            row.muted = on
            _tell_change(call.live.id, by_id=call.person.user_id)


def call_next(live: LiveSession, *, by_id: int | None) -> None:
    """下一位: give the floor to the person who has waited longest. If nobody waits, the turn just ends."""
    with unit_of_work():
        lock(live)
        queue = hand_queries.queue(live.id)
        waiting = [hand.key for hand in queue if hand.called_ms is None]
        if waiting:
            hands.give_floor(live, waiting[0], by_id=by_id)
            return
        for hand in queue:
            hands.lower(live.id, hand.key, by_id=by_id)


def set_rules(call: Call, *, free: bool, turn_s: int, next_by_itself: bool, layout: str) -> None:
    """Set how turns are taken, and how the studio draws those who speak.

    Raises:
        NoSuchRules: a turn or a layout that is not offered.
    """
    if not 0 <= turn_s <= LONGEST_TURN_S or layout not in LAYOUTS:
        raise errors.NoSuchRules
    with unit_of_work():
        lock(call.live)
        row = db.session.get(StageRules, call.live.id) or StageRules(live_id=call.live.id)
        row.free, row.turn_s, row.next_by_itself, row.layout = free, turn_s, next_by_itself, layout
        db.session.add(row)
        _tell_change(call.live.id, by_id=call.person.user_id)


def signal(call: Call, to: str, about: str) -> None:
    """Send a signal to another page of the same stage. The server does not read it.

    Raises:
        NoSocket: the page could not hear an answer.
        TooLong: no browser says so much.
        NotOnStage: one of the two pages is not on this lesson's stage.
    """
    if not call.page:
        raise errors.NoSocket
    if len(about) > LONGEST_SIGNAL:
        raise errors.TooLong
    me = db.session.get(StageMember, (call.live.id, call.person.key))
    other = queries.member_with(call.live.id, to)
    if me is None or me.page != call.page or other is None or other.key == me.key:
        raise errors.NotOnStage
    post().send(
        other, {"from": me.page, "key": me.key, "name": me.name, "host": me.host, "number": me.number, "about": about}
    )


def voice_address(call: Call, *, mix: bool) -> str:
    """Return where media_worker passes voices on between this page and others, for the next half a minute.

    Args:
        call: of a page with a websocket.
        mix: return where it mixes them into what an encoder sends. That is for the host's page alone.

    Raises:
        NoSocket: the page has none.
        NotOnStage: the page is not on this lesson's stage, or not its host.
    """
    if not call.page:
        raise errors.NoSocket
    me = db.session.get(StageMember, (call.live.id, call.person.key))
    if me is None or me.page != call.page:
        raise errors.NotOnStage
    secret, until_s = current_app.config["WORKER_SECRET"], clock.now_ms() // 1000 + VOICE_ADDRESS_S
    if not mix:
        signature = voice_signature(secret, call.live.id, call.page, until_s)
        return doors.beside(VOICE_PATH, lesson=call.live.id, page=call.page, until=until_s, signature=signature)
    if not me.host:
        raise errors.NotOnStage
    page, stream = f"{call.page}.mix", call.live.stream_id  # a page may need both ways at once
    signature = mix_signature(secret, stream, call.live.id, page, until_s)
    return doors.beside(VOICE_PATH, lesson=call.live.id, page=page, until=until_s, signature=signature, stream=stream)


def take_down(live_id: str, key: str, by_id: int | None, *, spoke: bool, left: bool) -> None:
    """Take somebody off the stage whose hand has just gone down, and call the next one where turns go on by themselves.

    Args:
        live_id: the lesson.
        key: of the person.
        by_id: the account of who lowered it.
        spoke: she had the floor.
        left: she ended her turn herself, or has gone. A desk that takes the floor from her decides what comes next.
    """
    if not spoke:
        return
    with unit_of_work():
        row = db.session.get(StageMember, (live_id, key))
        if row is not None and not row.host:
            db.session.delete(row)
            db.session.flush()
            timeline.append(live_id, kinds.LEFT, {"key": key, "name": row.name}, by_id=by_id)
        else:
            _tell_change(live_id, by_id=by_id)
        if left:
            _go_on(live_id)


def tell_call(live_id: str, key: str) -> None:  # noqa: ARG001 - as the signal sends it
    """Announce to the pages that a person is called to the stage."""
    _tell_change(live_id, by_id=None)


def close(live_id: str) -> None:
    """End the stage of a lesson that is over."""
    with unit_of_work():
        for row in queries.members(live_id):
            if row.host:
                _remove_host(row, by_id=None)


def keep_order() -> None:
    """End turns whose time is up, forget hosts who are gone and signals that nobody takes. Called by the clockwork.

    After an outage of web nobody knows at once who is still here, so no host is taken for gone before that is known.
    """
    now = clock.now_ms()
    for live_id, key in queries.turns_that_end(now):
        _end_turn(live_id, key)
    gone_ms = now - HOST_GONE_MS
    for host in queries.hosts() if pulse.well_since(gone_ms) else ():
        if people.left_since(host.live_id, [host.key], gone_ms):
            with unit_of_work():
                row = db.session.get(StageMember, (host.live_id, host.key))
                if row is not None and row.page == host.page:
                    _remove_host(row, by_id=None)
    old = StageSignal.at_ms < now - UNREAD_MS
    if db.session.query(StageSignal.id).filter(old).first() is not None:
        with unit_of_work():
            db.session.execute(delete(StageSignal).where(old))


def _end_turn(live_id: str, key: str) -> None:
    live = db.session.get(LiveSession, live_id)
    if live is None:
        return
    with unit_of_work():
        lock(live)
        hand = db.session.get(Hand, (live_id, key))
        turn_s = queries.rules(live_id).turn_s
        if hand is None or not hand.called_ms or not turn_s or hand.called_ms + turn_s * 1000 > clock.now_ms():
            return  # the desk was quicker
        call_next(live, by_id=None)


def _go_on(live_id: str) -> None:
    """Call who has waited longest, where turns follow each other by themselves and nobody has the floor."""
    live, rules, queue = db.session.get(LiveSession, live_id), queries.rules(live_id), hand_queries.queue(live_id)
    if live is None or not queue or not (rules.turn_s and rules.next_by_itself):
        return
    if all(hand.called_ms is None for hand in queue):
        hands.give_floor(live, queue[0].key, by_id=None)


def _leave_to(call: Call) -> None:
    """Have another host, and a speaker who becomes the host, make room."""
    for row in queries.members(call.live.id):
        if row.host and row.key != call.person.key:
            db.session.delete(row)
    if db.session.get(Hand, (call.live.id, call.person.key)) is not None:
        hands.lower(call.live.id, call.person.key, by_id=call.person.user_id)


def _need_floor(call: Call) -> None:
    hand = db.session.get(Hand, (call.live.id, call.person.key))
    if hand is not None and hand.called_ms is not None:
        return
    if not queries.rules(call.live.id).free:
        raise errors.NoFloor
    speaking = [one for one in hand_queries.queue(call.live.id) if one.called_ms is not None]
    if len(speaking) >= current_app.config["STAGE_SEATS"]:
        raise StageFull
    if hand is None:
        hands.raise_hand(call, "", "voice")
    hands.give_floor(call.live, call.person.key, keep=True, by_id=call.person.user_id)


def _place(call: Call, *, host: bool) -> None:
    person, live_id = call.person, call.live.id
    row = db.session.get(StageMember, (live_id, person.key))
    if row is not None and row.page == call.page and row.host == host:
        return
    is_new = row is None
    if row is None:
        row = StageMember(live_id=live_id, key=person.key, name=person.name, muted=False)
    row.page, row.host, row.number = call.page, host, 0
    db.session.add(row)
    db.session.flush()
    if is_new and not host:
        payload = {"key": person.key, "name": person.name}
        event = timeline.append(live_id, kinds.JOINED, payload, by_id=person.user_id)
    else:
        event = _tell_change(live_id, by_id=person.user_id)
    row.number = event.id


def _remove_host(row: StageMember, *, by_id: int | None) -> None:
    db.session.delete(row)
    db.session.flush()
    _tell_change(row.live_id, by_id=by_id)


def _tell_change(live_id: str, *, by_id: int | None) -> Event:
    with unit_of_work():
        return timeline.append(live_id, kinds.CHANGED, {}, by_id=by_id)
