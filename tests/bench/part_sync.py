"""Slides against the picture: at which picture does a page come onto the learner's screen, and at which should it?"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.screens import chromium
from tests.bench.service import BenchStack, Teacher, service
from tests.bench.slide_sync import MOST_MS, PAGES, PLAYER, SETTLED_S, look, row, visit, wait_for_picture
from tests.bench.table import Row, percentile
from tests.journeys import browsers, turning
from tests.journeys.browsers import ChromiumScreen, Screen, chromium_context
from tests.journeys.publisher import Publisher
from tests.journeys.slides import Presenter, make_deck
from tests.journeys.stack import Lesson
from tests.journeys.turning import Turn, Turner
from tests.journeys.waiting import wait_for

AT_ONCE_MS = 50


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """One lesson, watched in all the ways in which it can be watched."""
    seconds = 10 if quick else 45
    with service(folder / "service") as stack, chromium() as browser:
        lesson = stack.on_air("Slides")
        deck, presenter = make_deck(stack, lesson, PAGES), Presenter(stack, lesson)
        screen = ChromiumScreen(chromium_context(browser).new_page())
        rows = []
        with Turner(presenter, deck) as turner:
            with Publisher(lesson.rtmp_url, folder / "first"):
                time.sleep(SETTLED_S)
                screen.open(f"{lesson.url}/watch")
                turning.watch(screen)
                wait_for_picture(screen)
                rows.append(row("Slides against the picture, Chromium, live", *look(screen, turner.turns, seconds)))
                for name, other in (("Firefox", browsers.firefox), ("WebKitGTK", browsers.webkit)):
                    rows.append(visit(f"The same, {name}, live", other(folder), f"{lesson.url}/watch", turner, seconds))
                rows += _looking_back(screen, turner, seconds)
            time.sleep(1.5)
            with Publisher(lesson.rtmp_url, folder / "second"):
                screen.ask(f"{PLAYER}.goLive()")
                wait_for_picture(screen)
                rows.append(row("The same, live after the encoder came back", *look(screen, turner.turns, seconds)))
        rows += _without_picture(stack, lesson, presenter, screen)
        Teacher(stack).press(f"{lesson.url}/ending")
        screen.open(f"{lesson.url}/replay")
        turning.watch(screen)
        screen.ask(f"{PLAYER}.goToPosition({SETTLED_S})")
        wait_for_picture(screen)
        rows.append(row("Slides against the picture, Chromium, the replay", *look(screen, turner.turns, seconds)))
        rows.append(_after_seeks("The same, at once after a seek", screen, turner.turns, 6 if quick else 20))
        screen.ask(f"{PLAYER}.goToPosition({SETTLED_S})")
        wait_for_picture(screen)
        screen.ask(f"{PLAYER}.video.playbackRate = 2")
        rows.append(row("The same, at 2× speed", *look(screen, turner.turns, seconds / 2)))
        for name, other in (("Firefox", browsers.firefox), ("WebKitGTK", browsers.webkit)):
            rows.append(visit(f"The same, {name}, the replay", other(folder), f"{lesson.url}/replay", turner, seconds))
    return rows


def _looking_back(screen: Screen, turner: Turner, seconds: float) -> Iterator[Row]:
    wait_for(lambda: turning.now_ms() - turner.turns[0].at_ms > 45_000, "there is enough to look back at", 60)
    screen.ask(f"{PLAYER}.goTo(Date.now() - 30000)")
    wait_for_picture(screen)
    yield row("The same, 30 s behind", *look(screen, turner.turns, seconds))
    yield _after_seeks("The same, at once after a seek", screen, turner.turns, 6 if seconds < 20 else 20)
    screen.ask(f"{PLAYER}.goTo(Date.now() - 40000)")
    wait_for_picture(screen)
    screen.ask(f"{PLAYER}.video.playbackRate = 1.5")
    yield row("The same, at 1.5× speed", *look(screen, turner.turns, min(seconds, 30)))


def _after_seeks(what: str, screen: Screen, turns: list[Turn], times: int) -> Row:
    """Seek here and there; as soon as the picture has moved, look whether its page is there."""
    wrong, chance = [], random.Random(7)
    first = screen.ask(f"{PLAYER}.engine.clock.positionAt({turns[0].at_ms + 1000 * SETTLED_S + 5000})")
    last = screen.ask(f"{PLAYER}.engine.clock.positionAt({PLAYER}.engine.clock.edge - 5000)")
    for _ in range(times):
        screen.ask(f"{PLAYER}.goToPosition({chance.uniform(first, last)})")
        wait_for(lambda: screen.ask(f"!{PLAYER}.video.seeking && {PLAYER}.video.readyState > 2"), "it has sought")
        time.sleep(0.7)  # a page that was never looked at is fetched first
        shown = screen.ask(f"({{ page: {PLAYER}.querySelector('slide-view').page?.page, clock: eyes.clock() }})")
        at_ms = turning.at_of(shown["clock"])
        near = {turn.page for turn in turns if abs(turn.at_ms - at_ms) < MOST_MS}
        due = next((turn.page for turn in reversed(turns) if turn.at_ms <= at_ms), None)
        if shown["page"] != due and not near:
            wrong.append((shown["page"], due))
    screen.ask("turns.splice(0)")
    return Row(what, f"{times - len(wrong)} of {times} right", met=not wrong, goal="all")


def _without_picture(stack: BenchStack, lesson: Lesson, presenter: Presenter, screen: Screen) -> Iterator[Row]:
    """In a pause nothing is waited for: from the command to the page on the screen."""
    Teacher(stack).press(f"{lesson.url}/pause")
    wait_for(lambda: screen.ask(f"{PLAYER}.state") == "paused", "the pause is seen")
    for what, step in (("the next page", 1), ("a page that was never fetched", 2)):
        deck, took, here = make_deck(stack, lesson, PAGES), [], []
        presenter.show(deck, 1)
        for page in range(2, PAGES + 1, step):
            time.sleep(0.8)  # what will be wanted next is there
            screen.ask("turns.splice(0)")
            sent = time.time() * 1000
            presenter.show(deck, page)
            wait_for(lambda: screen.ask("turns.at(-1)?.painted"), "the page is shown")
            turn = screen.ask("turns.at(-1)")
            took.append(turn["painted"] - sent)
            here.append(turn["painted"] - turn["heard"])
        middle, worst = percentile(took, 50), percentile(took, 95)
        figure = f"median {middle:.0f} ms, p95 {worst:.0f} ms"
        beside = f"{len(took)} pages; in the browser median {percentile(here, 50):.0f} ms"
        yield Row(
            f"In a pause, command sent to {what} painted",
            figure,
            beside,
            f"≤ {AT_ONCE_MS} ms",
            worst <= AT_ONCE_MS,
        )
