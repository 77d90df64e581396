"""One websocket of a browser, from hello to bye."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import Any, Protocol

from aiohttp import WSMsgType, web

from media_worker.browser.clock import PeerClock
from media_worker.browser.container import ContainerError
from media_worker.browser.intake import Intake
from media_worker.browser.limits import Budget, Limits
from media_worker.browser.wire import (
    CLOSES,
    CloseCode,
    Hello,
    WireError,
    number,
    read_chunk,
    read_hello,
    read_text,
    refusal_frame,
    short_name,
)
from media_worker.contract import Refusal, RefusalCode
from media_worker.ingest import BrowserGate, BrowserPublication, PublishRefused

log = logging.getLogger("media_worker.browser")

ACK_EVERY_S = 0.1
CLOCK_EVERY_S = 2.0
FIRST_CLOCKS = 4
"""Clock questions before the first chunk. The best answer counts: a wrong clock would be believed for 30 s."""
FIRST_CLOCKS_S = 2.0
FRAMES_AT_ONCE = 25
"""Maximum number of frames handled before other connections have their turn."""
UNAVAILABLE = Refusal(RefusalCode.UNAVAILABLE, "The server is not ready; please try again in a moment.")


class Intakes(Protocol):
    """Keeps the intakes of all senders. The door implements it."""

    def find(self, publication: BrowserPublication) -> Intake | None:
        """Return the intake of a publication that goes on, or None."""

    def keep(self, intake: Intake) -> None:
        """Remember an intake until it closes."""


class Closed(Exception):
    """The other side is gone, or was told to go. `clean` means that it will not come back for its place."""

    def __init__(self, reason: str, *, clean: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.clean = clean


class Connection:
    """The conversation on one websocket."""

    def __init__(self, socket: web.WebSocketResponse, gate: BrowserGate, intakes: Intakes, limits: Limits) -> None:
        self._socket, self._gate, self._intakes, self._limits = socket, gate, intakes, limits
        self._clock = PeerClock()
        self._asked: dict[float, float] = {}
        self._acked: int | None = None
        self._processed: int | None = None
        self._intake: Intake | None = None
        self._sent_away: Refusal | None = None
        self._goodbye: asyncio.Task[None] | None = None
        loop = asyncio.get_running_loop()
        self._loop = loop
        now = loop.time()
        self._bytes = Budget(limits.bytes_per_s, limits.burst_bytes, now)
        self._frames = Budget(limits.frames_per_s, limits.burst_frames, now)
        self._texts = Budget(limits.texts_per_s, 10 * limits.texts_per_s, now)

    @property
    def admitted(self) -> bool:
        """Whether the ticket was accepted."""
        return self._intake is not None

    async def run(self, address: str, user_agent: str) -> None:
        """Serve the connection until one side goes."""
        talker: asyncio.Task[None] | None = None
        try:
            intake = self._intake = await self._admit(await self._hear_hello(), address, user_agent)
            talker = self._loop.create_task(self._talk())
            while True:
                await self._take(intake, await self._socket.receive(self._limits.idle_s))
        except (WireError, ContainerError) as error:
            code = CloseCode.PROTOCOL if isinstance(error, WireError) else CloseCode.UNREADABLE
            log.warning("browser closed peer=%s code=%s detail=%r", address, error.code, error.detail)
            await self._refuse({"type": "refused", "code": error.code, "message": error.detail}, code)
            self._end(error.code, clean=True)
        except PublishRefused as refused:
            log.warning("browser refused peer=%s code=%s", address, refused.refusal.code)
            await self._refuse(refusal_frame(refused.refusal), CLOSES.get(refused.refusal.code, CloseCode.REFUSED))
        except Closed as closed:
            log.info("browser closed peer=%s reason=%r", address, closed.reason)
            self._end(closed.reason, clean=closed.clean)
        except (TimeoutError, ConnectionError):
            log.info("browser closed peer=%s reason='silent'", address)
            self._end("the line broke", clean=False)
        finally:
            if talker is not None:
                talker.cancel()
            if self._goodbye is not None:
                await asyncio.wait([self._goodbye])
            with contextlib.suppress(Exception):
                await self._socket.close()

    # before media

    async def _hear_hello(self) -> Hello:
        try:
            message = await self._socket.receive(self._limits.hello_s)
        except TimeoutError:
            raise WireError("hello.missing", f"no hello within {self._limits.hello_s:g} s") from None
        if message.type is not WSMsgType.TEXT:
            raise WireError("hello.missing", "the first frame must be hello")
        return read_hello(self._bounded(message.data))

    async def _admit(self, hello: Hello, address: str, user_agent: str) -> Intake:
        try:
            async with asyncio.timeout(self._limits.admission_s):
                publication = await self._gate.admit_browser(
                    hello.ticket, sender=hello.sender, client=address, encoder=short_name(user_agent), kick=self._kick
                )
        except TimeoutError:
            raise PublishRefused(UNAVAILABLE) from None
        intake = self._intakes.find(publication)
        if intake is None:
            intake = Intake(publication)
            self._intakes.keep(intake)
        await intake.take_over()
        self._intake = intake  # from here on the place is given back, whatever happens
        await self._ask_first()
        if self._clock.known:
            intake.clock = self._clock
        self._processed = self._acked = intake.last
        await self._say({"type": "welcome", "now": round(time.time() * 1000), "resume": intake.last})
        log.info("browser publishing peer=%s mime=%.60r resumes=%s", address, hello.mime, intake.last)
        return intake

    async def _ask_first(self) -> None:
        """Compare clocks before the first chunk."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FIRST_CLOCKS_S):
                for _ in range(FIRST_CLOCKS):
                    await self._ask_time()
                    while self._asked:
                        message = await self._socket.receive()
                        if message.type is not WSMsgType.TEXT:
                            raise Closed("no answer to the first question", clean=False)
                        self._hear(message.data)
        self._asked.clear()

    # media

    async def _take(self, intake: Intake, message: Any) -> None:
        if message.type is WSMsgType.BINARY:
            await self._take_chunk(intake, message.data)
        elif message.type is WSMsgType.TEXT:
            await asyncio.sleep(self._texts.spend(1, self._loop.time()))
            self._hear(message.data)
        elif message.type is WSMsgType.ERROR:
            raise WireError("frame.broken", str(message.data)[:200])
        else:
            raise Closed("closed by the browser", clean=self._sent_away is not None)

    async def _take_chunk(self, intake: Intake, data: bytes) -> None:
        chunk, publication, count = read_chunk(data), intake.publication, 0
        if self._sent_away is not None:
            return
        for count, tag in enumerate(intake.tags(chunk, time.time() * 1000), 1):
            publication.offer(tag)
            if count % FRAMES_AT_ONCE == 0:
                await asyncio.sleep(self._frames.spend(FRAMES_AT_ONCE, self._loop.time()))
        await publication.drain()
        self._processed = intake.last
        now = self._loop.time()
        wait = max(self._bytes.spend(len(data), now), self._frames.spend(count % FRAMES_AT_ONCE, now))
        if wait > 0:
            await asyncio.sleep(wait)

    def _hear(self, text: str) -> None:
        now_ms = time.time() * 1000
        frame = read_text(self._bounded(text))
        if frame["type"] == "clock":
            asked = self._asked.pop(number(frame, "t0"), None)
            if asked is not None:
                self._clock.answered(asked, number(frame, "t1"), number(frame, "t2"), now_ms)
        elif frame["type"] == "bye":
            raise Closed("bye", clean=True)
        else:
            raise WireError("frame.unknown", f"type {frame['type'][:40]!r}")

    def _bounded(self, text: str) -> str:
        if len(text) > self._limits.text:
            raise WireError("frame.too_large", f"a text frame of {len(text)} characters")
        return text

    # messages out

    async def _talk(self) -> None:
        """Send acknowledgements and clock questions."""
        ask_at = self._loop.time() + CLOCK_EVERY_S
        with contextlib.suppress(ConnectionError, RuntimeError):
            while True:
                await asyncio.sleep(ACK_EVERY_S)
                if self._processed != self._acked:
                    self._acked = self._processed
                    await self._say({"type": "ack", "sequence": self._acked, "rtt": round(self._clock.rtt_ms)})
                if self._loop.time() >= ask_at:
                    ask_at = self._loop.time() + CLOCK_EVERY_S
                    await self._ask_time()

    async def _ask_time(self) -> None:
        if len(self._asked) > 16:
            self._asked.clear()  # a sender that does not answer is not waited for
        asked = time.time() * 1000
        self._asked[asked] = asked
        await self._say({"type": "clock", "t0": asked})

    async def _say(self, frame: dict[str, Any]) -> None:
        await self._socket.send_json(frame)

    async def _refuse(self, frame: dict[str, Any], code: CloseCode) -> None:
        with contextlib.suppress(ConnectionError, RuntimeError, TimeoutError):
            async with asyncio.timeout(2):
                await self._say(frame)
                await self._socket.close(code=code, message=str(frame["code"]).encode()[:120])

    def _kick(self, refusal: Refusal) -> None:
        """Send the reason to the sender, and close."""
        if self._sent_away is None:
            self._sent_away = refusal
            closing = self._refuse(refusal_frame(refusal), CLOSES.get(refusal.code, CloseCode.REFUSED))
            self._goodbye = self._loop.create_task(closing)

    def _end(self, reason: str, *, clean: bool) -> None:
        intake = self._intake
        if intake is None or intake.connection is not asyncio.current_task():
            return  # a newer connection has the place
        if clean:
            intake.close(reason)
        else:
            intake.hold(self._limits.hold_s)
