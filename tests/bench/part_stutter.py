"""Does a lesson on air stutter while a deck is converted beside it? The same learner before and meanwhile."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from playwright.sync_api import Page

from app.documents.convert import PageMade, convert
from tests.bench import part_documents
from tests.bench.screens import chromium, page_of
from tests.bench.service import service
from tests.bench.streams import ClockPublisher
from tests.bench.table import Row, percentile

SETTLE_S = 20


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Watch a lesson alone, then while the deck is converted; the converter is what the jobs process starts."""
    deck = part_documents.deck(folder / "deck.pptx", 20 if quick else part_documents.PAGES)
    with service(folder / "service") as stack, chromium() as browser:
        lesson = stack.on_air("Stutter")
        with ClockPublisher(lesson.rtmp_url):
            page = page_of(browser)
            page.goto(f"{lesson.url}/watch")
            page.wait_for_function("() => bench.delays.length > 10", timeout=40_000)
            time.sleep(SETTLE_S)
            pages: list[int] = []
            work = threading.Thread(target=lambda: _convert(deck, folder / "pages", pages))
            page.evaluate("bench.reset()")
            began = time.monotonic()
            work.start()
            while work.is_alive():
                page.wait_for_timeout(100)
            busy_s = time.monotonic() - began
            busy = _seen(page)
            page.evaluate("bench.reset()")
            page.wait_for_timeout(busy_s * 1000)
            calm = _seen(page)
    return [
        Row(
            f"Picture at a learner while {len(pages)} pages are converted ({busy_s:.0f} s), still for over 0.4 s",
            f"{len(busy[1])} times, {max(busy[1], default=0):.1f} s at most; delay p95 {busy[0]:.2f} s",
            f"without: {len(calm[1])} times, {max(calm[1], default=0):.1f} s at most; delay p95 {calm[0]:.2f} s",
            "none",
            not busy[1],
        )
    ]


def _convert(deck: Path, target: Path, pages: list[int]) -> None:
    pages.extend(one.number for one in convert(deck, deck.name, target) if isinstance(one, PageMade))


def _seen(page: Page) -> tuple[float, list[float]]:
    """Return the delay below which 95 of 100 samples lie, and the lengths of stalls, all in s."""
    told = page.evaluate("({delays: bench.delays, gaps: bench.gaps})")
    return percentile([one / 1000 for one in told["delays"]], 95), [one / 1000 for one in told["gaps"]]
