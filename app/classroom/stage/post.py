"""The post between the pages of a stage: each signal goes to one page, whichever process has it.

A page of this process gets it at once. For any other it is written down, and the process that has the page finds it
there: woken by the bus, or by looking once a second.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from typing import Any, cast

from flask import Flask, current_app
from sqlalchemy import delete

from app.classroom.engine import frames
from app.classroom.engine.hub import Hub
from app.classroom.stage import queries
from app.classroom.stage.models import StageMember, StageSignal
from app.extensions import db
from app.kernel import clock
from app.kernel.bus import Bus
from app.kernel.unit_of_work import unit_of_work

log = logging.getLogger(__name__)

TOPIC = "stage"
KIND = "stage.signal"
LOOK_S = 1.0


class Post:
    """Delivers to the pages of one hub; its thread runs while one of them is on a stage."""

    def __init__(self, app: Flask, hub: Hub, bus: Bus) -> None:
        """Know no pages yet."""
        self._app, self._hub, self._bus = app, hub, bus
        self._lock = threading.Lock()
        self._pages: dict[str, str] = {}
        """Lessons by pages of this process that came to a stage."""
        self._thread: threading.Thread | None = None

    def serve(self, live_id: str, page: str) -> None:
        """Deliver to this page of this process from now on, until it is gone."""
        with self._lock:
            self._pages[page] = live_id
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="stage-post", daemon=True)
                self._thread.start()

    def send(self, to: StageMember, data: Mapping[str, Any]) -> None:
        """Bring a signal to a page, or write it down for the process that has the page."""
        if self._hub.tell_page(to.live_id, to.key, to.page, frames.told(KIND, data)):
            return
        with unit_of_work() as after_commit:
            db.session.add(
                StageSignal(live_id=to.live_id, key=to.key, page=to.page, text=json.dumps(data), at_ms=clock.now_ms())
            )
            after_commit(lambda: self._bus.wake(TOPIC))

    def deliver(self) -> None:
        """Bring the pages of this process what was written down for them. Needs a context of the app."""
        here = {seat.page for room in self._hub.seats().values() for seat in room if seat.page}
        with self._lock:
            pages = [page for page in self._pages if page in here]
        waiting = queries.waiting_signals(pages) if pages else ()
        done = [
            one.id
            for one in waiting
            if self._hub.tell_page(one.live_id, one.key, one.page, frames.told(KIND, json.loads(one.text)))
        ]
        if done:
            with unit_of_work():
                db.session.execute(delete(StageSignal).where(StageSignal.id.in_(done)))

    def _look(self) -> None:
        with self._bus.watch(TOPIC) as watch:
            while self._is_wanted():
                watch.wait(LOOK_S)
                try:
                    with self._app.app_context():
                        try:
                            self.deliver()
                        finally:
                            db.session.remove()
                except Exception:
                    log.exception("the post of the stage stumbled; it goes on")

    def _is_wanted(self) -> bool:
        """Forget pages whose lesson has nobody here any more: a socket that breaks comes back within seconds."""
        rooms = self._hub.seats()
        with self._lock:
            self._pages = {page: live_id for page, live_id in self._pages.items() if live_id in rooms}
            if not self._pages:
                self._thread = None
            return bool(self._pages)


def post() -> Post:
    """Return the post of this process."""
    return cast(Post, current_app.extensions["stage_post"])
