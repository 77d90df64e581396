"""From the encoder's picture to the learner's in Chromium: ours beside nginx-rtmp with HLS, one encoder for both."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from tests.bench.nginx import Nginx
from tests.bench.screens import chromium, page_of
from tests.bench.service import service
from tests.bench.streams import ClockPublisher
from tests.bench.table import Row, percentile


@dataclass(frozen=True)
class Seen:
    """What one player has shown; seconds."""

    delays: list[float]
    stalls: list[float]

    @property
    def p50(self) -> float:
        return percentile(self.delays, 50)

    @property
    def p95(self) -> float:
        return percentile(self.delays, 95)


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Watch both at the same time."""
    settle, seconds = (6, 10) if quick else (20, 90)
    with Nginx(folder / "nginx") as nginx, service(folder / "service") as stack, chromium() as browser:
        lesson = stack.on_air("Latency")
        with ClockPublisher(lesson.rtmp_url, nginx.rtmp_url):
            pages = [page_of(browser), page_of(browser)]
            time.sleep(8)  # nginx has its first three pieces
            for page, url in zip(pages, (f"{lesson.url}/watch", nginx.page), strict=True):
                page.goto(url)
            for page in pages:
                page.wait_for_function("() => bench.delays.length > 10", timeout=40_000)
            time.sleep(settle)
            for page in pages:
                page.evaluate("bench.reset()")
            time.sleep(seconds)
            ours, theirs = (_seen(page) for page in pages)
    return rows(ours, theirs, seconds)


def _seen(page: Page) -> Seen:
    told = page.evaluate("({delays: bench.delays, gaps: bench.gaps})")
    return Seen([one / 1000 for one in told["delays"]], [one / 1000 for one in told["gaps"]])


def rows(ours: Seen, theirs: Seen, seconds: int) -> list[Row]:
    """Hold the figures against the goals."""
    beside = f"nginx-rtmp, hls.js defaults: {theirs.p50:.2f} s, p95 {theirs.p95:.2f} s"
    met = ours.p50 <= 2 and ours.p50 <= theirs.p50 / 3
    what = f"Picture to picture in Chromium, {len(ours.delays)} samples in {seconds} s"
    return [
        Row(f"{what}, median", f"{ours.p50:.2f} s = 1/{theirs.p50 / ours.p50:.1f}", beside, "≤ 2.0 s and ≤ 1/3", met),
        Row("The same, 95 of 100 below", f"{ours.p95:.2f} s", f"{theirs.p95:.2f} s"),
        Row(
            "The same, picture stood still for over 0.4 s",
            f"{len(ours.stalls)} times, {max(ours.stalls, default=0):.1f} s at most",
            f"{len(theirs.stalls)} times, {max(theirs.stalls, default=0):.1f} s at most",
        ),
    ]
