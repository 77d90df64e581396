"""Informs open home pages that their large pictures have changed.

A page asks for news and gets the answer as soon as there is any (a long poll). One thread of each process looks at the
database for all pages together, and only while a page asks.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection
from typing import Any, cast

from flask import Flask, current_app

from app.extensions import db
from app.kernel.bus import bus
from app.recommendations import queries

log = logging.getLogger(__name__)

TOPIC = "banner"
LOOK_S = 1.0
"""Interval of looks without a wake-up: a picture's time begins and ends without anybody's deed."""
REST_S = 0.25
"""Least time between two looks, since SQLite's carrier wakes all topics at every commit."""
HOLD_S = 25.0
"""Maximum time of one question. Proxies give up after 30 to 60 s."""


class News:
    """The versions of all desks, as the database has them, for pages that wait."""

    def __init__(self, app: Flask) -> None:
        """Look at nothing yet."""
        self._app = app
        self._changed = threading.Condition()
        self._versions: dict[int, str] | None = None
        """`None` means that nobody has looked yet."""
        self._pages = 0
        self._looks = False

    def wait(self, unit_ids: Collection[int], seen: str, hold_s: float = HOLD_S) -> str:
        """Return the version of these units' pictures, as soon as it is another one than `seen`, or after a while.

        The caller holds no database connection meanwhile.
        """
        now = queries.joined(queries.versions(unit_ids), unit_ids)
        db.session.remove()
        if now != seen:
            return now
        until = time.monotonic() + hold_s
        with self._changed:
            self._begin()
            self._pages += 1
            try:
                while now == seen and (left_s := until - time.monotonic()) > 0:
                    self._changed.wait(left_s)
                    if self._versions is not None:
                        now = queries.joined(self._versions, unit_ids)
            finally:
                self._pages -= 1
        return now

    def _begin(self) -> None:
        if not self._looks:
            self._looks, self._versions = True, None
            threading.Thread(target=self._look, name="banner-news", daemon=True).start()

    def _look(self) -> None:
        with bus.watch(TOPIC) as watch:
            while self._is_wanted():
                try:
                    with self._app.app_context():
                        try:
                            found = queries.versions()
                        finally:
                            db.session.remove()
                    with self._changed:
                        if found != self._versions:
                            self._versions = found
                            self._changed.notify_all()
                except Exception:
                    log.exception("the look at the large pictures failed; it is repeated")
                time.sleep(REST_S)
                watch.wait(LOOK_S - REST_S)

    def _is_wanted(self) -> bool:
        with self._changed:
            self._looks = self._pages > 0
            return self._looks


def tell(*_sender: Any, **_about: Any) -> None:
    """Wake the looks of all processes."""
    bus.wake(TOPIC)


def of_app() -> News:
    """Return the news of this process."""
    return cast(News, current_app.extensions["banner_news"])
