"""Slides against the picture of a lesson that comes out of a browser: live and in the replay."""

from __future__ import annotations

import time
from contextlib import nullcontext
from pathlib import Path

from tests.bench.part_browser_dates import send
from tests.bench.screens import chromium
from tests.bench.service import Teacher, service
from tests.bench.slide_sync import PAGES, SETTLED_S, visit
from tests.bench.table import Row
from tests.journeys import browsers
from tests.journeys.browsers import ChromiumScreen, chromium_context
from tests.journeys.slides import Presenter, make_deck
from tests.journeys.turning import Turner


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """The presenter's page records a canvas with its own clock; the same computer turns the pages."""
    seconds = 10 if quick else 45
    with service(folder / "service") as stack, chromium() as browser:
        lesson = stack.on_air("Slides beside a browser")
        deck, presenter = make_deck(stack, lesson, PAGES), Presenter(stack, lesson)
        teacher = ChromiumScreen(browser.new_context(locale="zh-CN").new_page())
        screen = ChromiumScreen(chromium_context(browser).new_page())
        with Turner(presenter, deck) as turner:
            send(teacher, stack, lesson)
            time.sleep(SETTLED_S)
            url, what = f"{lesson.url}/watch", "Slides against the picture sent by Chromium"
            rows = [visit(f"{what}, live", nullcontext(screen), url, turner, seconds)]
            rows.append(visit("The same, Firefox, live", browsers.firefox(folder), url, turner, seconds))
            teacher.page.evaluate("window.sending.end()")
        Teacher(stack).press(f"{lesson.url}/ending")
        url = f"{lesson.url}/replay"
        rows.append(visit(f"{what}, the replay", nullcontext(screen), url, turner, seconds))
        rows.append(visit("The same, Firefox, the replay", browsers.firefox(folder), url, turner, seconds))
    return rows
