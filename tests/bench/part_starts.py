"""How long people wait: from 开始讲课 to the first moving picture, and from 结束 to the first picture of the replay."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.bench.screens import chromium, page_of
from tests.bench.service import Teacher, service, wait_for_segments
from tests.bench.streams import copy_command, make_file
from tests.bench.table import Row, percentile
from tests.journeys.stack import Lesson

MOVING = """began => {
  const later = bench.frames.filter(([at]) => at > began);
  return later.length > 1 && later[1][1] > later[0][1] ? later[1][0] - began : null;
}"""
"""The second of two pictures that came one after the other: one alone might stand still."""


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Begin and end several lessons, one after another."""
    trials = 2 if quick else 7
    source = folder / "in.flv"
    make_file(source, 20)
    begun, replayed = [], []
    with service(folder / "service") as stack, chromium() as browser:
        teacher = Teacher(stack)
        for lesson in stack.lessons("Waiting", trials):
            publisher = subprocess.Popen(copy_command(source, lesson.rtmp_url, again=True), stderr=subprocess.DEVNULL)
            try:
                wait_for_segments(lesson, 4)
                begun.append(_start(browser, teacher, lesson, shift=len(begun) / trials))
                wait_for_segments(lesson, 6, "full")
                replayed.append(_end(browser, teacher, lesson))
            finally:
                publisher.kill()
                publisher.wait()
    return [
        _row("From 开始讲课 to the first moving picture at a waiting learner", begun, 3.0),
        _row("From 结束 to the first moving picture of the replay, its page opened at once", replayed, 1.5),
    ]


def _start(browser: Browser, teacher: Teacher, lesson: Lesson, shift: float) -> float:
    page = page_of(browser)
    page.goto(f"{lesson.url}/watch")
    time.sleep(1.5 + shift)  # the presses are spread over the length of a segment
    began = time.time() * 1000
    teacher.press(f"{lesson.url}/lecture")
    waited = _until_moving(page, began)
    page.context.close()
    return waited


def _end(browser: Browser, teacher: Teacher, lesson: Lesson) -> float:
    page = page_of(browser)
    page.goto(lesson.url)  # scripts and styles are in the cache of whoever has watched
    page.wait_for_timeout(500)
    began = time.time() * 1000
    teacher.press(f"{lesson.url}/ending")
    page.goto(f"{lesson.url}/replay", wait_until="commit")
    waited = _until_moving(page, began)
    page.context.close()
    return waited


def _until_moving(page: Page, began_ms: float) -> float:
    found = page.wait_for_function(MOVING, arg=began_ms, polling=50, timeout=20_000)
    return float(found.json_value()) / 1000


def _row(what: str, seconds: list[float], goal: float) -> Row:
    median, most = percentile(seconds, 50), max(seconds)
    figure = f"median {median:.2f} s, at most {most:.2f} s"
    return Row(what, figure, f"{len(seconds)} trials", f"≤ {goal} s", most <= goal)
