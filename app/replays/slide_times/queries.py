"""Reading the times of pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.classroom.slides.kinds import CLEARED, SHOWN, STAGE
from app.documents import queries as documents
from app.documents.models import Document, DocumentKind, Page
from app.extensions import db
from app.live.models import LiveSession
from app.replays.cutting.queries import PAGES, whole_clock
from app.replays.slide_times.errors import CannotBeTimed
from app.replays.slide_times.models import SlideTimes
from app.replays.slide_times.text import MOST_LINES, Line
from app.timeline import queries as timeline

Turn = tuple[int, int, int]
"""Moment of capture, page, step; page 0 takes the last one away."""


@dataclass(frozen=True)
class Timed:
    """The pages of a lesson, and when they appear."""

    document: Document
    pages: Sequence[Page]
    turns: Sequence[Turn]
    can_undo: bool


def timed(live: LiveSession) -> Timed:
    """Return the pages of a lesson that is over, and when they appear.

    Raises:
        CannotBeTimed: there is not just one document, or something else than its pages was on the stage.
    """
    decks = [one for one in documents.documents_of(live.id) if one.kind is DocumentKind.DECK]
    pages = documents.pages_of(decks[0].id) if len(decks) == 1 else ()
    others = set(STAGE) - set(PAGES)
    events = timeline.after(live.id, 0, kinds=PAGES, limit=MOST_LINES + 1)
    shown = {event.payload["document"] for event in events if event.kind == SHOWN}
    if not pages or timeline.newest_of(live.id, others) or len(events) > MOST_LINES or shown - {decks[0].id}:
        raise CannotBeTimed
    turns = [
        (event.at_ms, 0, 0) if event.kind == CLEARED else (event.at_ms, event.payload["page"], event.payload["step"])
        for event in events
    ]
    return Timed(decks[0], pages, turns, can_undo=len(versions_of(live.id)) > 1)


def can_be_timed(live: LiveSession) -> bool:
    """Return whether the pages of a recorded lesson can be given other times."""
    try:
        return bool(timed(live).pages) and live.has_recording
    except CannotBeTimed:
        return False


def versions_of(live_id: str) -> Sequence[SlideTimes]:
    """Return what was set, the newest last."""
    return db.session.scalars(select(SlideTimes).where(SlideTimes.live_id == live_id).order_by(SlideTimes.id)).all()


def lines(live: LiveSession, turns: Sequence[Turn]) -> list[Line]:
    """Return turns by their places in the whole recording; of several at one place the last."""
    clock = whole_clock(live)
    found = {max(0, round(clock.position_ms(at_ms))): page for at_ms, page, _step in turns}
    return [Line(place_ms, page) for place_ms, page in sorted(found.items())]
