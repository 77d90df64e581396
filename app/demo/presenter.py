"""Turns the pages of the example lecture, as a teacher would, so that a visitor sees slides move.

It turns them often while people watch, and seldom otherwise: a lesson of two weeks must not fill its timeline for
nobody. A person who leads the stage from the studio has it for herself for a while.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from flask import Flask

from app.classroom.engine.commands import Call
from app.classroom.engine.presence import queries as people
from app.classroom.engine.seats import Person
from app.classroom.slides import queries, services
from app.demo import academy, deck
from app.documents import queries as documents
from app.kernel import clock
from app.live.lifecycle import LiveState
from app.live.models import LiveSession
from app.live.policies import permissions_of

TICK_S = 2.0
OFTEN_MS = 20_000
SELDOM_MS = 300_000
HANDS_OFF_MS = 300_000
"""Delay after another person has led the stage."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """Present place of the lecture: a page, and the number of builds shown."""

    document: str
    page: int
    step: int


class Presenter:
    """Turns pages. It remembers its own last event."""

    def __init__(self) -> None:
        self._own_event = 0

    def look(self, lesson: LiveSession) -> bool:
        """Turn the page if it is time. Return whether it was."""
        if lesson.state is not LiveState.ON_AIR or not self._may_turn(lesson):
            return False
        place = _next_place(lesson)
        if place is None:
            return False
        owner = lesson.owner
        person = Person(f"u{owner.id}", owner.real_name, owner.id)
        call = Call(lesson, owner, person, permissions_of(owner, lesson))
        event = services.show(call, place.document, place.page, place.step, at_ms=clock.now_ms())
        self._own_event = event.id
        return True

    def _may_turn(self, lesson: LiveSession) -> bool:
        newest = queries.newest_of_stage(lesson.id)
        if newest is None:
            return True
        waited_ms = clock.now_ms() - newest.at_ms
        if newest.id != self._own_event and waited_ms < HANDS_OFF_MS:
            return False
        return waited_ms >= (OFTEN_MS if people.counts(lesson.id).total else SELDOM_MS)


def lead(app: Flask, stop: threading.Event) -> None:
    """Lead the stage of the example lecture until `stop` is set."""
    presenter = Presenter()
    while not stop.wait(TICK_S):
        with app.app_context():
            try:
                presenter.look(academy.lecture())
            except Exception:
                log.exception("the page was not turned")


def _next_place(lesson: LiveSession) -> Place | None:
    """Return the step or page after the present one. The first one follows the last, and comes at the beginning."""
    deck_here = next((one for one in documents.documents_of(lesson.id) if one.name == deck.NAME), None)
    if deck_here is None:
        return None
    places = [
        Place(deck_here.id, page.number, step)
        for page in documents.pages_of(deck_here.id)
        for step in range(max(1, len(page.steps)))
    ]
    standing = queries.page_shown(lesson.id)
    told = standing.payload if standing is not None else {}
    at = Place(told.get("document", ""), told.get("page", 0), told.get("step", 0))
    if not places:
        return None
    return places[(places.index(at) + 1) % len(places)] if at in places else places[0]
