"""Slides against the picture: compares a browser's pages with the moments at which they were turned."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager

from tests.bench.table import Row, percentile
from tests.journeys import turning
from tests.journeys.browsers import Screen
from tests.journeys.turning import Seen, Turn, Turner
from tests.journeys.waiting import wait_for

PAGES = 12
PLAYER = "document.querySelector('lesson-player')"
SETTLED_S = 20
"""Time in which dates settle: on a busy machine an encoder is late at first, and comes closer by 20 ms a second."""
MOST_MS = 150


def wait_for_picture(screen: Screen) -> None:
    """Wait until the picture has moved for a while, and forget the pages until then."""
    wait_for(
        lambda: screen.ask(f"{PLAYER}?.video?.currentTime > 0 && {PLAYER}.video.readyState > 2 && eyes.clock() > 0"),
        "a picture",
        40,
    )
    time.sleep(3)
    screen.ask("turns.splice(0)")


def look(screen: Screen, turns: list[Turn], seconds: float) -> tuple[list[Seen], list[Turn]]:
    """Return the pages that came within a time, and those that did not."""
    screen.ask("turns.splice(0)")
    time.sleep(seconds)
    seen = turning.seen_by(screen, list(turns))
    return seen, turning.missed(seen, list(turns))


def visit(what: str, browser: AbstractContextManager[Screen], url: str, turner: Turner, seconds: float) -> Row:
    """Look with a browser. Of a replay it looks at the part where dates have settled."""
    with browser as screen:
        screen.open(url)
        turning.watch(screen)
        if url.endswith("/replay"):
            wait_for(lambda: screen.ask(f"{PLAYER}?.video?.readyState > 0"), "the replay is there", 40)
            screen.ask(f"{PLAYER}.goToPosition({SETTLED_S})")
        wait_for_picture(screen)
        return row(what, *look(screen, turner.turns, seconds))


def row(what: str, seen: list[Seen], missed: list[Turn]) -> Row:
    """Return the distance of pages from their pictures."""
    if not seen:
        return Row(what, "nothing was seen", "", f"p95 ≤ {MOST_MS} ms", False)
    errors = [one.error_ms for one in seen]
    worst = percentile([abs(one) for one in errors], 95)
    figure = f"p95 {worst:.0f} ms; median {percentile(errors, 50):+.0f}, {min(errors):+.0f} … {max(errors):+.0f} ms"
    dates = percentile([one.date_error_ms for one in seen], 50)
    beside = f"{len(seen)} pages, {len(missed)} not seen; dates {dates:+.0f} ms"
    return Row(what, figure, beside, f"p95 ≤ {MOST_MS} ms", worst <= MOST_MS and not missed)
