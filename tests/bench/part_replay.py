"""A replay beside which very much was said: what a seek costs the page, and what comes over the line."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from tests.bench.screens import chromium, page_of
from tests.bench.service import service, wait_for_segments
from tests.bench.streams import ClockPublisher
from tests.bench.table import Row
from tests.journeys.saying import say_much
from tests.journeys.stack import LEARNER, PASSWORD, Lesson, Stack
from tests.journeys.waiting import wait_for

GOAL_MS = 500

END = """
from app.extensions import db
from app.live.models import LiveSession
from app.live.services import end
live = db.session.get(LiveSession, {live_id!r})
end(live, by=live.owner)
"""

MEASURE = """(position) => new Promise((resolve) => {
  const video = document.querySelector("lesson-player video");
  const began = performance.now();
  video.currentTime = position;
  video.addEventListener("seeked", () => {
    // two pictures later everything is laid out and painted
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began), 0)));
  }, { once: true });
})"""
"""The messages are put on the page within the same task that hears `seeked`."""

LOADED = """(() => {
  const all = performance.getEntriesByType("resource").filter((one) => /\\/(events|feed|track)(\\?|$)/.test(one.name));
  const sum = (name) => all.reduce((before, one) => before + one[name], 0);
  return { requests: all.length, sent: sum("encodedBodySize"), bytes: sum("decodedBodySize"),
           last: Math.max(...all.map((one) => one.responseEnd)) };
})()"""


@dataclass(frozen=True)
class Seek:
    """What a seek cost the page, in ms."""

    script: float
    """Scripts, styles and layout, in time of the processor."""
    until_shown: float


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Seek to the end, back to the beginning and to the end again, beside more and more messages."""
    rows: list[Row] = []
    with service(folder / "service") as stack, chromium() as browser:
        for count in (599, 1499) if quick else (599, 1499, 20_000):
            lesson, last = _lesson(stack, count)
            rows += _rows(count, *_watch(browser, stack, lesson, last))
    return rows


def _lesson(stack: Any, count: int) -> tuple[Lesson, int]:
    lesson = stack.on_air(f"Much said {count}")
    with ClockPublisher(lesson.rtmp_url):
        wait_for_segments(lesson, 8, "full", 40)
        last = say_much(stack, lesson, count)
        stack.run(END.format(live_id=lesson.id))
    text = lesson.media / "full" / "source.m3u8"
    wait_for(lambda: "ENDLIST" in text.read_text(), "the recording is closed")
    return lesson, last


def _watch(browser: Browser, stack: Stack, lesson: Lesson, last: int) -> tuple[dict[str, float], list[Seek]]:
    page = page_of(browser)
    page.goto(f"{stack.url}/sign-in")
    page.fill("#username", LEARNER)
    page.fill("#password", PASSWORD)
    page.click("form.stack button[type=submit]")
    page.wait_for_url(f"{stack.url}/")
    page.goto(f"{lesson.url}/replay")
    known = "document.querySelector('lesson-player')?.engine?.clock.known"
    wait_for(lambda: page.evaluate(known), "the player knows when its pictures were taken")
    page.evaluate("document.querySelector('lesson-player').pause()")
    wait_for(lambda: page.evaluate(LOADED)["requests"] > 0, "the feed is asked for")
    loaded = _until_quiet(page)
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.setTimeDomain", {"timeDomain": "threadTicks"})  # time of the processor, not of the wall
    cdp.send("Performance.enable")
    end = page.evaluate("document.querySelector('lesson-player video').duration") - 0.2
    page.set_default_timeout(0)
    seeks = []
    for position in (end, 0.0, end):
        seeks.append(_seek(page, cdp, position))
        there = page.locator(f"#chat-{last}").count()
        assert there == (position > 0), f"{there} of message {last} at {position}"
    page.context.close()
    return loaded, seeks


def _until_quiet(page: Page) -> dict[str, float]:
    """Wait until nothing more comes."""
    before: dict[str, float] = {}
    while (now := page.evaluate(LOADED)) != before:
        before = now
        time.sleep(3)
    return before


def _seek(page: Page, cdp: CDPSession, position: float) -> Seek:
    def spent() -> float:
        found = {one["name"]: one["value"] for one in cdp.send("Performance.getMetrics")["metrics"]}
        return 1000 * float(found["ScriptDuration"] + found["LayoutDuration"] + found["RecalcStyleDuration"])

    before = spent()
    shown = page.evaluate(MEASURE, position)
    return Seek(spent() - before, shown)


def _rows(count: int, loaded: dict[str, float], seeks: list[Seek]) -> list[Row]:
    forward, back, again = seeks
    goal = f"≤ {GOAL_MS} ms"
    return [
        Row(
            f"Seek to the end of a replay with {count:,} messages: script, style and layout",
            f"{forward.script:.0f} ms",
            f"until it is shown {forward.until_shown:.0f} ms",
            goal,
            forward.script <= GOAL_MS,
        ),
        Row(
            "The same, back to the beginning; to the end again",
            f"{back.script:.0f}, {again.script:.0f} ms",
            f"until it is shown {back.until_shown:.0f}, {again.until_shown:.0f} ms",
            goal,
            max(back.script, again.script) <= GOAL_MS,
        ),
        Row(
            f"What was said in it, over the line ({loaded['requests']:.0f} requests)",
            f"{loaded['sent'] / 1000:,.0f} kB",
            f"{loaded['bytes'] / 1000:,.0f} kB before gzip; all there after {loaded['last'] / 1000:.1f} s",
        ),
    ]
