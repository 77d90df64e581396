"""Two hundred people chat while something dies under them: whatever was acknowledged is read by all, once, in order."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from tests import crowd, postgres, redis_server
from tests.journeys.conftest import running
from tests.journeys.stack import Lesson, Stack

PEOPLE, MESSAGES = 200, 2
PATIENCE_S = 450


@dataclass
class Scene:
    """A service, and what will happen to it."""

    stack: Stack
    harm: Callable[[], object]
    all_come_back: bool
    """Whether every connection breaks."""


@pytest.fixture(params=["web is killed", "PostgreSQL is restarted", "Redis is restarted"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    with ExitStack() as open_things:

        def service(**settings: str) -> Stack:
            return open_things.enter_context(contextmanager(running)(tmp_path / "data", **settings))

        if request.param == "web is killed":
            stack = service()
            yield Scene(stack, lambda: stack.kill("gunicorn"), all_come_back=True)
        elif request.param == "PostgreSQL is restarted":
            database = open_things.enter_context(postgres.server())
            stack = service(DATABASE_URL=database.url, WEB_PROCESSES="2")
            yield Scene(stack, lambda: _restart(database), all_come_back=False)
        else:
            bus = open_things.enter_context(redis_server.server(tmp_path))
            stack = service(BUS_URL=bus.url, WEB_PROCESSES="2")
            yield Scene(stack, lambda: _restart(bus), all_come_back=False)


@pytest.mark.journey
@pytest.mark.alone
def test_what_was_acknowledged_is_read_by_all_once_and_in_order(scene: Scene) -> None:
    people = crowd.cookies(scene.stack.run(crowd.MAKE_CROWD.format(count=PEOPLE)))
    lesson = scene.stack.lesson("一场不断的课")
    with ThreadPoolExecutor(1) as apart:  # other journeys have a loop of their own in this thread
        pages, acknowledged = apart.submit(lambda: asyncio.run(_chat(lesson, people, scene.harm))).result()
    assert len(acknowledged) == PEOPLE * MESSAGES
    for page in pages:
        ids = [event["id"] for event in page.events]
        assert ids == sorted(set(ids)), "in order, none twice"
        said = {event["id"]: event["data"]["text"] for event in page.events if event["kind"] == "chat.said"}
        assert acknowledged.items() <= said.items(), "none is missing"
        assert set(Counter(said.values()).values()) == {1}, "none was written twice"
    if scene.all_come_back:
        assert all(page.returns for page in pages)


async def _chat(
    lesson: Lesson, people: list[str], harm: Callable[[], object]
) -> tuple[list[crowd.Page], dict[int, str]]:
    acknowledged: dict[int, str] = {}
    half = asyncio.Event()

    async def talk(page: crowd.Page, number: int) -> None:
        for count in range(MESSAGES):
            text = f"{number}/{count}"
            while text not in acknowledged.values():
                try:
                    done = await page.ask("chat.say", text=text, nonce=f"nonce-{number}-{count}")
                    acknowledged[done["message"]] = text
                except crowd.Refused:  # as while the database is away: the words stay, and are sent again
                    await asyncio.sleep(random.uniform(0.2, 0.5))
            if len(acknowledged) >= PEOPLE * MESSAGES // 3:
                half.set()

    async with (
        asyncio.timeout(PATIENCE_S),
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http,
    ):
        pages = await crowd.opened(http, [lesson.url], people)
        talking = asyncio.gather(*(talk(page, number) for number, page in enumerate(pages)))
        await half.wait()
        await asyncio.to_thread(harm)
        await talking
        for page in pages:
            await page.reached(max(acknowledged))
        await asyncio.gather(*(page.close() for page in pages))
    return pages, acknowledged


def _restart(server: postgres.Server | redis_server.Server) -> None:
    server.stop()
    server.start()
