"""Chromium with eyes for the clock in the picture."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.streams import BITS, BOX, EPOCH_S, TICK_MS
from tests.journeys.browsers import CHROMIUM, CHROMIUM_ARGUMENTS

SETTINGS = json.dumps({"BITS": BITS, "BOX": BOX, "TICK_MS": TICK_MS, "EPOCH_MS": EPOCH_S * 1000})
SCRIPT = (Path(__file__).parent / "clock.js").read_text(encoding="utf-8").replace("/*SETTINGS*/ {}", SETTINGS)


@contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    """Run Chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*CHROMIUM_ARGUMENTS, *arguments])
        try:
            yield browser
        finally:
            browser.close()


def page_of(browser: Browser) -> Page:
    """Return a page for one more person."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
    context.add_init_script(SCRIPT)
    context.set_default_timeout(15_000)
    return context.new_page()
