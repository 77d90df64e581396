"""Twenty classes at once in which two talk: what the signals between their pages cost the web process."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import aiohttp

from tests import crowd
from tests.bench.processes import cpu_seconds
from tests.bench.service import service
from tests.bench.table import Row
from tests.journeys.stack import Lesson

CLASSES, SECONDS, EVERY_S = 20, 30, 10
GOAL = 0.1
DESCRIPTION, CANDIDATES, BUNDLES = 7000, 900, 3
"""Characters of what a page of Chromium offers or answers, and of a bundle of candidates, and number of these."""

SPEAK_FREELY = """
from app.classroom.stage.models import StageRules
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
with unit_of_work():
    for live_id in {ids}:
        rules = dict(free=True, turn_s=0, next_by_itself=False, layout="side")
        db.session.add(StageRules(live_id=live_id, **rules))
print("done")
"""


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Have two speakers in each class, and every ten seconds another one who is connected with the one who stays."""
    count, seconds = (2, 5) if quick else (CLASSES, SECONDS)
    with service(folder / "service") as stack:
        people = crowd.cookies(stack.run(crowd.MAKE_CROWD.format(count=3 * count)))
        lessons = stack.lessons("Signals", count, on_air=True)
        stack.run(SPEAK_FREELY.format(ids=[lesson.id for lesson in lessons]))
        web = min(stack.pids("gunicorn"))
        with ThreadPoolExecutor(1) as apart:  # Playwright has a loop of its own in this thread
            cores, idle, turns = apart.submit(lambda: asyncio.run(_talk(lessons, people, web, seconds))).result()
    figure = f"{cores - idle:.3f} core more, {cores:.3f} in all"
    what = f"CPU of web, {count} classes of two on the stage, another speaker every {EVERY_S} s in each"
    return [Row(what, figure, f"{turns} connections agreed on", f"≤ {GOAL:g} more", cores - idle <= GOAL)]


async def _talk(lessons: list[Lesson], people: list[str], web: int, seconds: float) -> tuple[float, float, int]:
    """Return the cores that web takes with all this and with the open pages alone, and the number of connections."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        classes = []
        for number, lesson in enumerate(lessons):
            names = [f"signals-{number}-{one}" for one in range(3)]
            cookies = people[3 * number : 3 * number + 3]
            pages = [
                crowd.Page(http, lesson.url, cookie, name=name) for cookie, name in zip(cookies, names, strict=True)
            ]
            for page in pages:
                page.open()
            await asyncio.gather(*(page.opened() for page in pages))
            await pages[0].ask("stage.enter")
            classes.append(pages)
        idle = await _cores(web, seconds)
        until = time.monotonic() + seconds
        talking = asyncio.gather(
            *(_take_turns(pages, until, EVERY_S * at / len(classes)) for at, pages in enumerate(classes))
        )
        cores = await _cores(web, seconds)
        turns = sum(await talking)
        await asyncio.gather(*(page.close() for pages in classes for page in pages))
    return cores, idle, turns


async def _cores(web: int, seconds: float) -> float:
    before, began = cpu_seconds(web), time.monotonic()
    await asyncio.sleep(seconds)
    return (cpu_seconds(web) - before) / (time.monotonic() - began)


async def _take_turns(pages: list[crowd.Page], until: float, after: float) -> int:
    stays, *others = pages
    turns = 0
    await asyncio.sleep(after)
    while time.monotonic() < until:
        comes = others[turns % 2]
        await comes.ask("stage.enter")
        for one, other in ((comes, stays), (stays, comes)):
            for length in (DESCRIPTION, *[CANDIDATES] * BUNDLES):
                await one.ask("stage.signal", to=other.name, about="x" * length)
        turns += 1
        await asyncio.sleep(EVERY_S)
        await comes.ask("stage.leave")
    return turns
