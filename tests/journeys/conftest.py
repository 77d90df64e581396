"""Shared parts of journeys: one running service, one Chromium, and the notes on a journey that fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.journeys import browsers
from tests.journeys.browsers import ChromiumScreen
from tests.journeys.publisher import Publisher
from tests.journeys.stack import Lesson, Stack
from tests.journeys.waiting import PATIENCE

WORDS_SHOWN = 6000
LONGEST_S = 150
"""Seconds of the longest journey on a usual machine."""

expect.set_options(timeout=5000 * PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Set the deadline of each journey. Its steps have their own, so this one is only for a journey that hangs."""
    for item in items:
        if item.get_closest_marker("journey"):
            item.add_marker(pytest.mark.timeout(LONGEST_S * PATIENCE))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Attach the output of the programs to a failed journey."""
    report = yield
    if report.failed:
        for name, value in getattr(item, "funcargs", {}).items():
            if isinstance(value, Stack) and value.log.exists():
                report.sections.append((f"{name}: what the programs said last", value.said()[-WORDS_SHOWN:]))
    return report


def running(folder: Path, **settings: str) -> Iterator[Stack]:
    """Run a service with its people. Nothing of it is left afterwards."""
    stack = Stack(folder, **settings)
    try:
        stack.start()
        stack.fill()
        yield stack
    finally:
        stack.tear_down()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The service for journeys that do it no harm."""
    yield from running(tmp_path_factory.mktemp("service") / "data")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver of Chromium, of which there can be only one."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Chromium, for all."""
    browser = browsers.chromium(playwright)
    yield browser
    browser.close()


class Visitors:
    """Opens a Chromium of its own for each person."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.contexts = []

    def __call__(self, base: str, username: str, **options: object) -> ChromiumScreen:
        context = browsers.chromium_context(self._browser, **options)
        self.contexts.append(context)
        screen = ChromiumScreen(context.new_page())
        browsers.sign_in(screen, base, username)
        return screen


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[Visitors]:
    """Signs people in, each in a browser of their own: visitor(stack.url, LEARNER)."""
    visitors = Visitors(chromium)
    yield visitors
    for context in visitors.contexts:
        context.close()


class Encoders:
    """Starts encoders, and ends them with the test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.publishers: list[Publisher] = []

    def __call__(self, lesson: Lesson, **options: object) -> Publisher:
        copies = self._folder / f"encoder-{len(self.publishers)}"
        publisher = Publisher(lesson.rtmp_url, copies, **options)
        self.publishers.append(publisher)
        return publisher.__enter__()


@pytest.fixture
def encoder(tmp_path: Path) -> Iterator[Encoders]:
    """Publishes into a lesson: encoder(lesson)."""
    encoders = Encoders(tmp_path)
    yield encoders
    for publisher in encoders.publishers:
        publisher.stop()


@pytest.fixture
def note(request: pytest.FixtureRequest, record_property):
    """Notes a measured figure: note("seconds to the first picture", 1.2)."""
    terminal = request.config.pluginmanager.get_plugin("terminalreporter")

    def write(what: str, value: float, unit: str = "s") -> None:
        record_property(what, value)
        terminal.write_line(f"    {what}: {value:.2f} {unit}".rstrip())

    return write
