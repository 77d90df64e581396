"""Scripted pages in great number. Each speaks the classroom's protocol as `static/js/lib/socket.js` does."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

MAKE_CROWD = """
import secrets
from flask import current_app
from sqlalchemy import insert, select
from app.accounts.models import SignIn, User
from app.extensions import db
from app.kernel.clock import now_ms
from app.kernel.unit_of_work import unit_of_work
from app.units.models import Unit
institute_id = db.session.scalars(select(Unit.id).where(Unit.name == "物质研究所")).one()
names = [f"crowd{{number:05}}" for number in range({count})]
who = dict(unit_id=institute_id, created_ms=now_ms())
with unit_of_work():
    db.session.execute(insert(User), [dict(username=name, real_name="学员" + name[-5:], **who) for name in names])
    ids = db.session.scalars(select(User.id).where(User.username.in_(names)).order_by(User.id)).all()
    keys = [secrets.token_urlsafe(32) for _ in ids]
    begun = dict(began_ms=now_ms(), seen_ms=now_ms(), address="", browser="")
    db.session.execute(insert(SignIn), [dict(key=key, user_id=one, **begun) for key, one in zip(keys, ids)])
signer = current_app.session_interface.get_signing_serializer(current_app)
name = current_app.config["SESSION_COOKIE_NAME"]
for key in keys:
    print("cookie", name + "=" + signer.dumps({{"_user_id": key, "_fresh": True}}))
"""

REFUSED = {4401, 4403, 4404, 4410, 4429}


def cookies(said: str) -> list[str]:
    """Return the cookie headers in the output of MAKE_CROWD, one for each person."""
    return [line.removeprefix("cookie ") for line in said.splitlines() if line.startswith("cookie ")]


class Refused(Exception):
    """The server refused a command, or the whole page."""


@dataclass
class Page:
    """One open watch page of one person. It comes back until it is closed, and repeats commands with a nonce."""

    http: aiohttp.ClientSession
    url: str
    cookie: str
    last: int = 0
    name: str = ""
    """By which other pages of a stage know it."""
    events: list[dict[str, Any]] = field(default_factory=list)
    returns: int = 0
    _socket: aiohttp.ClientWebSocketResponse | None = None
    _numbers: int = 0
    _asked: dict[int, tuple[dict[str, Any], asyncio.Future[dict[str, Any]]]] = field(default_factory=dict)
    _is_closed: bool = False
    _is_open: asyncio.Event = field(default_factory=asyncio.Event)
    _came: asyncio.Event = field(default_factory=asyncio.Event)
    _life: asyncio.Task[None] | None = None
    _death: BaseException | None = None

    def open(self) -> None:
        """Open the page. It stays open until `close`, and comes back whenever its connection breaks."""
        self._life = asyncio.create_task(self._run())
        self._life.add_done_callback(self._ended)

    async def _run(self) -> None:
        origin = self.url.rpartition("/live/")[0]
        while not self._is_closed:
            with suppress(aiohttp.ClientError, TimeoutError, ConnectionError):
                headers = {"Cookie": self.cookie, "Origin": origin}
                address = f"{self.url}/socket?after={self.last}&page={self.name}"
                async with self.http.ws_connect(address, headers=headers, timeout=aiohttp.ClientWSTimeout(5)) as socket:
                    self._socket = socket
                    for frame, _answer in list(self._asked.values()):
                        await socket.send_json(frame)
                    async for message in socket:
                        if message.type is not aiohttp.WSMsgType.TEXT:
                            break  # the connection broke, which aiohttp reports with a message of its own
                        self._read(json.loads(message.data))
                    if socket.close_code in REFUSED:
                        raise Refused(socket.close_code)
            self._socket = None
            self._is_open.clear()
            if not self._is_closed:
                self.returns += 1
                await asyncio.sleep(random.uniform(0.1, 0.6))  # not all at once

    def _ended(self, life: asyncio.Task[None]) -> None:
        """Wake all callers who wait for the page: it will not answer any more."""
        self._death = (None if life.cancelled() else life.exception()) or ConnectionError("the page was closed")
        for _frame, answer in self._asked.values():
            if not answer.done():
                answer.set_exception(self._death)
        self._asked.clear()
        self._is_open.set()
        self._came.set()

    def _check_alive(self) -> None:
        if self._death is not None:
            raise self._death

    async def opened(self) -> None:
        """Wait until the page was greeted. Like every wait for a page, it fails if the page dies."""
        await self._is_open.wait()
        self._check_alive()

    async def reached(self, event_id: int) -> None:
        """Wait until an event has come."""
        while self.last < event_id:
            self._check_alive()
            self._came.clear()
            await self._came.wait()

    async def ask(self, name: str, **fields: object) -> dict[str, Any]:
        """Return the answer to a command, however often the page has to come back for it.

        Raises:
            Refused: the server said no.
        """
        self._check_alive()
        self._numbers += 1
        frame: dict[str, Any] = {"type": "command", "n": self._numbers, "name": name, "fields": fields}
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._asked[self._numbers] = frame, answer
        socket = self._socket
        if socket is not None and not socket.closed:
            with suppress(ConnectionError):
                await socket.send_json(frame)
        return await answer

    async def close(self) -> None:
        """Close the page."""
        self._is_closed = True
        if self._socket is not None:
            await self._socket.close()
        if self._life is not None:
            await self._life

    def _read(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "hello":
                self._is_open.set()
            case "event":
                self.last = frame["id"]
                self.events.append(frame)
                self._came.set()
            case "done":
                if asked := self._asked.pop(frame["n"], None):
                    asked[1].set_result(frame["data"])
            case "refused":
                if asked := self._asked.pop(frame["n"], None):
                    asked[1].set_exception(Refused(frame["code"], frame["message"]))


async def opened(http: aiohttp.ClientSession, urls: Sequence[str], crowd: Sequence[str]) -> list[Page]:
    """Open a page for each cookie, at the addresses in turn, and wait until all were greeted."""
    pages = [Page(http, urls[number % len(urls)], cookie) for number, cookie in enumerate(crowd)]
    for page in pages:
        page.open()
    await asyncio.gather(*(page.opened() for page in pages))
    return pages
