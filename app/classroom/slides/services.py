"""Showing pages, drawing on them, pointing at them.

The moment of each event is that of the presenter's screen, as her page measures the server's clock: what she did
belongs to the frame of the picture that was taken while she did it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.classroom.engine import frames
from app.classroom.engine.commands import Call
from app.classroom.slides import errors, kinds, queries, strokes
from app.classroom.slides.layouts import LAYOUTS
from app.classroom.slides.models import SlideRules
from app.documents import queries as documents
from app.documents.models import Document, Page
from app.extensions import db
from app.kernel import clock
from app.kernel.unit_of_work import lock, unit_of_work
from app.live import queries as lives
from app.live.lifecycle import refuse_over
from app.live.models import LiveSession
from app.live.policies import May
from app.timeline import queries as timeline_queries
from app.timeline import services as timeline
from app.timeline.models import Event

LATEST_MS = 3000
"""An event may lie so long in the past: the way from a slow page to here."""

BETWEEN_LISTS_MS = 1000


def show(call: Call, document_id: str, number: int, step: int, *, at_ms: int) -> Event:
    """Show a page at a step; shown again while it stands there, it stays as it is.

    Raises:
        AlreadyEnded, Cancelled: the lesson is over.
        AssistantsLook: it is up to the teachers.
        NoPage: it is none of this lesson's, its tab is gone, or it is not ready.
    """
    with unit_of_work():
        _begin(call)
        page = _page(call, document_id, number, may_be_closed=False)
        if not 0 <= step < max(1, len(page.steps)):
            raise errors.NoPage
        payload = {"document": document_id, "page": number, "step": step}
        standing = queries.page_shown(call.live.id)
        if standing is not None and standing.payload == payload:
            return standing
        event = _append(call, kinds.SHOWN, payload, at_ms)
        if page.shown_ms is None and call.live.rehearses_id is None:
            page.shown_ms = event.at_ms
    return event


def clear(call: Call, *, at_ms: int) -> Event | None:
    """Take the page off the stage; none stands there before the first one was shown.

    Raises:
        AlreadyEnded, Cancelled, AssistantsLook: as with `show`.
    """
    with unit_of_work():
        _begin(call)
        standing = queries.page_shown(call.live.id)
        if standing is None or standing.kind == kinds.CLEARED:
            return standing
        return _append(call, kinds.CLEARED, {}, at_ms)


def draw(call: Call, document_id: str, number: int, stroke: dict[str, Any], *, at_ms: int) -> Event:
    """Draw a stroke, or a part of one, on a page that was shown; `stroke` as `strokes` has judged it.

    Sent again, because its answer was lost with the connection, a part is drawn once.

    Raises:
        AlreadyEnded, Cancelled, AssistantsLook: as with `show`.
        NoPage, NotShown: there is nothing to draw on.
    """
    with unit_of_work():
        _begin(call)
        _seen_page(call, document_id, number)
        payload = {"document": document_id, "page": number, **stroke}
        newest = queries.newest_of_stage(call.live.id)
        if newest is not None and (newest.kind, newest.payload) == (kinds.DRAWN, payload):
            return newest
        return _append(call, kinds.DRAWN, payload, at_ms)


def erase(call: Call, document_id: str, number: int, names: Sequence[str], *, everything: bool, at_ms: int) -> Event:
    """Take strokes off a page, or all of them.

    Raises:
        AlreadyEnded, Cancelled, AssistantsLook: as with `show`.
        NoPage, NotShown, OddStroke: there is nothing to erase.
    """
    gone = {"all": True} if everything else {"strokes": [strokes.judged_name(name) for name in names]}
    if not everything and not names:
        raise errors.OddStroke
    with unit_of_work():
        _begin(call)
        _seen_page(call, document_id, number)
        return _append(call, kinds.ERASED, {"document": document_id, "page": number, **gone}, at_ms)


def point(call: Call, document_id: str, number: int, points: Sequence[int], *, off: bool, at_ms: int) -> Event:
    """Point at places of a page.

    Raises:
        AlreadyEnded, Cancelled, AssistantsLook: as with `show`.
        NoPage, NotShown, OddStroke: there is nothing to point at, or the points lie beside it.
    """
    payload = {"document": document_id, "page": number, "points": strokes.judged_points(points), "off": off}
    if not points and not off:
        raise errors.OddStroke
    with unit_of_work():
        _begin(call)
        _seen_page(call, document_id, number)
        return _append(call, kinds.POINTED, payload, at_ms)


def propose(call: Call, layout: str, *, at_ms: int) -> Event:
    """Propose how pages arrange slides and picture.

    Raises:
        AlreadyEnded, Cancelled: the lesson is over.
        NoLayout: there is no such.
    """
    if layout not in LAYOUTS:
        raise errors.NoLayout
    with unit_of_work():
        _begin(call)
        return _append(call, kinds.SCENE, {"layout": layout}, at_ms)


def set_rules(call: Call, *, look_ahead: bool, assistants_turn: bool) -> None:
    """Set whether learners may leaf through the pages by themselves, and whether assistants may turn them.

    Raises:
        AlreadyEnded, Cancelled: the lesson is over.
    """
    wanted = {"look_ahead": look_ahead, "assistants_turn": assistants_turn}
    with unit_of_work():
        _begin(call)
        rules = _rules(call.live.id)
        if wanted != {"look_ahead": rules.look_ahead, "assistants_turn": rules.assistants_turn}:
            rules.look_ahead, rules.assistants_turn = look_ahead, assistants_turn
            timeline.append(call.live.id, kinds.RULES, wanted, by_id=call.person.user_id)


def follow_documents(document: Document) -> None:
    """Have the desk hear that documents of a lesson have changed: at once, and then at most every second."""
    with unit_of_work():
        live = db.session.get(LiveSession, document.live_id)
        for one in (live, lives.rehearsal_of(live)) if live is not None else ():
            if one is None or one.is_over:
                continue
            lock(one)
            newest = timeline_queries.newest(one.id, kinds=(kinds.LISTED,), limit=1)
            if newest and newest[0].at_ms > clock.now_ms() - BETWEEN_LISTS_MS:
                _rules(one.id).list_due = True
            else:
                _list(one.id)


def list_due() -> None:
    """Have the desks hear what had to wait. Called by the clockwork."""
    for live_id in queries.lessons_to_list():
        with unit_of_work():
            live = db.session.get(LiveSession, live_id)
            if live is not None:
                lock(live)
                _list(live_id)


def _list(live_id: str) -> None:
    _rules(live_id).list_due = False
    timeline.append(live_id, kinds.LISTED, {"to": frames.DESK})


def _rules(live_id: str) -> SlideRules:
    rules = queries.rules_of(live_id)
    db.session.add(rules)
    return rules


def _begin(call: Call) -> None:
    """Hold the lesson, if the caller may lead its stage."""
    lock(call.live)
    refuse_over(call.live.state)
    if May.DIRECT not in call.may and not queries.rules_of(call.live.id).assistants_turn:
        raise errors.AssistantsLook


def _page(call: Call, document_id: str, number: int, *, may_be_closed: bool) -> Page:
    document = documents.document_of(call.live.id, document_id)
    page = db.session.get(Page, (document_id, number)) if document is not None else None
    if document is None or page is None or (document.removed_ms is not None and not may_be_closed):
        raise errors.NoPage
    return page


def _seen_page(call: Call, document_id: str, number: int) -> None:
    # a stroke may end just after a tab was closed
    if _page(call, document_id, number, may_be_closed=True).shown_ms is None:
        raise errors.NotShown


def _append(call: Call, kind: str, payload: dict[str, Any], at_ms: int) -> Event:
    """Append an event of the stage at the moment of the caller's page, as far as that can be; moments rise."""
    now = clock.now_ms()
    newest = queries.newest_of_stage(call.live.id)
    moment = max(min(at_ms, now), now - LATEST_MS, newest.at_ms if newest else 0)
    return timeline.append(call.live.id, kind, payload, by_id=call.person.user_id, at_ms=moment)
