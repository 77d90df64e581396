"""The keeper of a process: once a second it notes who has come and gone, all of them in one transaction.

Pages hear the numbers at most every two seconds. In small rooms they also hear the names of people who have come.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, cast

from flask import Flask

from app.classroom.engine import frames
from app.classroom.engine.hub import Hub
from app.classroom.engine.presence import queries, services
from app.classroom.engine.seats import Seat
from app.extensions import db

log = logging.getLogger(__name__)

STEP_S = 1.0
TELL_EVERY_S = 2.0
STILL_HERE_EVERY_S = 15.0
SMALL_ROOM = 100
"""Maximum number of people in a room whose pages hear names."""
NAMED = 3
"""Maximum number of names that pages hear at once."""

Step = Callable[[Hub], None]


class Keeper:
    """Notes the rooms of one hub."""

    def __init__(self, app: Flask, hub: Hub) -> None:
        """Make a keeper, which sleeps until a page comes.

        Args:
            app: for its database.
            hub: the hub whose rooms it notes.
        """
        self._app, self._hub = app, hub
        self._steps: list[Step] = []
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._known: dict[tuple[str, str], Seat] = {}
        self._noted_at = 0.0
        self._told: dict[str, tuple[float, dict[str, int]]] = {}
        self._news: dict[str, list[str]] = {}

    def at_each_step(self, step: Step) -> None:
        """Call a function with the hub at each step from now on. Features send their own numbers to pages by it."""
        self._steps.append(step)

    def wake(self) -> None:
        """Start the thread of the keeper, unless it runs. The socket calls this for each page that comes."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="keeper", daemon=True)
                self._thread.start()

    def _look(self) -> None:
        while True:
            time.sleep(STEP_S)
            try:
                self.step()
            except Exception:
                log.exception("the keeper stumbled; it goes on")
            with self._lock:
                if not self._known and not self._hub.seats():
                    self._thread = None
                    return

    def step(self) -> None:
        """Note the changes since the last step, and send the new numbers to the pages."""
        there = (seat for room in self._hub.seats().values() for seat in room if not seat.only_looks)
        seats = {(seat.live_id, seat.person.key): seat for seat in there}
        entered, left = seats.keys() - self._known.keys(), self._known.keys() - seats.keys()
        is_due = time.monotonic() - self._noted_at >= STILL_HERE_EVERY_S
        with self._app.test_request_context():
            try:
                if entered or left or is_due:
                    still = [seats[who] for who in seats.keys() - entered] if is_due else []
                    services.note(entered=[seats[who] for who in entered], left=left, still=still)
                    self._known = seats
                    if is_due:
                        self._noted_at = time.monotonic()
                for live_id, key in entered:
                    self._news.setdefault(live_id, []).append(seats[live_id, key].person.name)
                for live_id in {live_id for live_id, _key in seats}:
                    self._tell(live_id)
                for step in self._steps:
                    step(self._hub)
            finally:
                db.session.remove()
        self._told = {live_id: told for live_id, told in self._told.items() if live_id in self._hub.seats()}

    def _tell(self, live_id: str) -> None:
        told_at, before = self._told.get(live_id, (0.0, {}))
        if time.monotonic() - told_at < TELL_EVERY_S:
            return
        counts = queries.counts(live_id)
        now = asdict(counts) | {"signed_in": counts.signed_in}
        names = self._news.pop(live_id, [])
        if now == before and not names:
            return
        self._told[live_id] = time.monotonic(), now
        some = names[:NAMED] if counts.total <= SMALL_ROOM and before else []
        self._send(live_id, "people.counts", {**now, "entered": some, "entered_count": len(names) if some else 0})

    def _send(self, live_id: str, kind: str, data: Mapping[str, Any]) -> None:
        wire = frames.told(kind, data)
        self._hub.tell(live_id, dict.fromkeys(frames.VARIANTS, wire))


def keeper_of(app: Flask) -> Keeper:
    """Return the keeper of this process."""
    return cast(Keeper, app.extensions["keeper"])
