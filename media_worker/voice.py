"""Voices of a stage where WebRTC finds no way between two pages: each piece of sound is passed on by a websocket.

The app signs the address for a page that is on the stage (`contract.voice_signature`). A page names the pages that are
to hear it, and an honest page names and hears only those that it knows to be on the stage. So no voice of a
stage reaches a page that was taken down from it, although this door knows nothing of stages. `docs/ingest.md` has the
frames.

While an encoder sends the lesson, the presenter's studio sends the voices of the stage by a connection of their own
(`contract.mix_signature`). media_worker mixes them into the encoder's sound.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import socket
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Any, Protocol

from aiohttp import WSMessage, WSMsgType, web

from media_worker.browser.limits import Budget
from media_worker.contract import VOICE_PATH, VOICE_RATE, mix_signature, voice_signature

PIECE_BYTES = VOICE_RATE // 50
"""Size of a piece: 20 ms of mu-law."""

PROGRAMME = "programme"
"""Name of the sender of the words that tell a studio whether its voices are mixed."""

TELL_EVERY_S = 0.5
"""Interval of these words."""

MOST_PIECES = 15
"""Maximum number of pieces that wait for a page: 300 ms. Beyond it the oldest piece is given up."""

MOST_WORDS = 32
"""Maximum number of words that wait for a page."""

ACK_EVERY = 5
"""Number of pieces that are acknowledged together, in both directions."""

LATE_S = 0.5
"""Delay of an acknowledgement above which no more pieces are sent: they would only wait in buffers on the way."""

LONGEST_MESSAGE = 4096
LONGEST_NAME = 44
LONGEST_S = 3600.0
"""Maximum seconds of a connection. Then the page needs a new address, and gets it only if it is still on the stage."""

BYTES_PER_S = 32_000
"""Average rate of reading, twice that of a voice. A page that exceeds it waits in its own network line."""

BURST_BYTES = 64_000
AT_ONCE = 512
AT_ONCE_IN_LESSON = 16
MOST_HEARERS = 8
SEND_BUFFER_BYTES = 8192
"""Size of the kernel's send buffer for a page. The kernel doubles it, and counts about 1 kB for each piece."""

REPLACED = 4409


class Programme(Protocol):
    """A lesson that an encoder sends, as the door for voices sees it."""

    @property
    def mixes(self) -> bool:
        """Whether the voices of the stage go into the lesson at present."""

    def say(self, piece: bytes, arrived_ms: float) -> None:
        """Take a piece of a voice that arrived at this Unix time in ms."""


class VoiceDoor:
    """Passes voices on between pages of a lesson, and into the lesson.

    Args:
        secret: shared with the app, which signs.
        programmes: returns the open stream of this worker with an id, or None.
    """

    def __init__(self, secret: str, programmes: Callable[[str], Programme | None]) -> None:
        self._secret, self._programmes = secret, programmes
        self._pages: dict[tuple[str, str], _Page] = {}
        self._lessons: Counter[str] = Counter()

    def add_to(self, site: web.Application) -> None:
        """Open the door in the worker's own HTTP server."""
        site.router.add_get(VOICE_PATH, self.serve)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one page. An earlier connection of the same page ends."""
        lesson, name = request.query.get("lesson", ""), request.query.get("page", "")
        stream = request.query.get("stream", "")
        until, signature = request.query.get("until", ""), request.query.get("signature", "")
        if not self._is_signed(lesson, name, stream, until, signature):
            raise web.HTTPForbidden(text="This address has expired, or was never signed.")
        if self._lessons.total() >= AT_ONCE or self._lessons[lesson] >= AT_ONCE_IN_LESSON:
            raise web.HTTPTooManyRequests(text="Too many voices are connected.")
        line = web.WebSocketResponse(
            max_msg_size=LONGEST_MESSAGE, compress=False, timeout=2.0, heartbeat=10.0, writer_limit=0
        )
        self._lessons[lesson] += 1
        page = _Page(line, name, stream)
        try:
            await line.prepare(request)
            _keep_buffers_small(request)
            before = self._pages.get((lesson, name))
            self._pages[lesson, name] = page
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_S), asyncio.TaskGroup() as tasks:
                    writing = tasks.create_task(page.write())
                    telling = tasks.create_task(self._tell(page)) if stream else None
                    if before is not None:
                        tasks.create_task(before.line.close(code=REPLACED, message=b"replaced"))
                    await self._read(lesson, page)
                    writing.cancel()
                    if telling is not None:
                        telling.cancel()
        finally:
            if self._pages.get((lesson, name)) is page:
                del self._pages[lesson, name]
            self._lessons[lesson] -= 1
            if not self._lessons[lesson]:
                del self._lessons[lesson]
            await line.close()
        return line

    async def stop(self) -> None:
        """Send every page away. It comes back to the next worker."""
        pages = tuple(self._pages.values())
        await asyncio.gather(*(one.line.close(code=1012, message=b"restart") for one in pages), return_exceptions=True)

    async def _read(self, lesson: str, page: _Page) -> None:
        """Pass on the messages of a page, until it goes or breaks the protocol."""
        budget = Budget(BYTES_PER_S, BURST_BYTES, time.monotonic())
        async for message in page.line:
            if message.type not in {WSMsgType.BINARY, WSMsgType.TEXT} or not self._pass_on(lesson, page, message):
                await page.line.close(code=4400, message=b"protocol")
                return
            if wait := budget.spend(len(message.data), time.monotonic()):
                await asyncio.sleep(wait)

    async def _tell(self, page: _Page) -> None:
        """Send to a studio whether its voices are mixed, until the task is cancelled."""
        while True:
            programme = self._programmes(page.stream)
            word = {"mixes": programme is not None and programme.mixes, "here": programme is not None}
            page.give_word({"type": "word", "from": PROGRAMME, "word": word})
            await asyncio.sleep(TELL_EVERY_S)

    def _pass_on(self, lesson: str, page: _Page, message: WSMessage) -> bool:
        """Pass a message on. Return False if it breaks the protocol."""
        if message.type is WSMsgType.BINARY:
            if len(message.data) != PIECE_BYTES:
                return False
            page.count_piece()
            self._pass_piece(lesson, page, message.data)
            return True
        match _fields_of(message.data):
            case {"type": "to", "pages": list(names)} if len(names) <= MOST_HEARERS:
                page.hearers = frozenset(name for name in names if isinstance(name, str) and name != page.name)
            case {"type": "word", "to": str(name), "word": dict(word)}:
                if other := self._pages.get((lesson, name)):
                    other.give_word({"type": "word", "from": page.name, "word": word})
            case {"type": "got", "pieces": int(pieces)}:
                page.acknowledge(pieces)
            case _:
                return False
        return True

    def _pass_piece(self, lesson: str, page: _Page, piece: bytes) -> None:
        if page.stream:
            if (programme := self._programmes(page.stream)) is not None:
                programme.say(piece, time.time() * 1000)
            return
        named = bytes([len(page.name)]) + page.name.encode() + piece
        for name in page.hearers:
            if other := self._pages.get((lesson, name)):
                other.give_piece(named)

    def _is_signed(self, lesson: str, page: str, stream: str, until: str, signature: str) -> bool:
        if not until.isascii() or not until.isdecimal() or len(until) > 12:
            return False
        if not page.isascii() or not 0 < len(page) <= LONGEST_NAME or not lesson:
            return False
        expected = (
            mix_signature(self._secret, stream, lesson, page, int(until))
            if stream
            else voice_signature(self._secret, lesson, page, int(until))
        )
        return int(until) > time.time() and hmac.compare_digest(signature.encode(), expected.encode())


class _Page:
    """One page, and the frames that wait for it. With a `stream` its pieces are mixed into that and go to no page."""

    def __init__(self, line: web.WebSocketResponse, name: str, stream: str) -> None:
        self.line, self.name, self.stream = line, name, stream
        self.hearers: frozenset[str] = frozenset()
        """Pages that are to hear this one."""
        self._pieces: deque[bytes] = deque(maxlen=MOST_PIECES)
        self._words: deque[str] = deque(maxlen=MOST_WORDS)
        self._sent_at: deque[float] = deque()
        """Moments at which the pieces were sent that the page has not acknowledged."""
        self._heard = 0
        self._news = asyncio.Event()

    def give_piece(self, piece: bytes) -> None:
        """Queue a piece of a voice. If too many pieces wait, the oldest one is given up."""
        self._pieces.append(piece)
        self._news.set()

    def give_word(self, frame: dict[str, Any]) -> None:
        """Queue a text frame, ahead of all pieces."""
        self._words.append(json.dumps(frame))
        self._news.set()

    def acknowledge(self, pieces: int) -> None:
        """Take note that the page has got this number of further pieces."""
        for _ in range(min(pieces, len(self._sent_at))):
            self._sent_at.popleft()
        self._news.set()

    def count_piece(self) -> None:
        """Count a piece from the page. Acknowledge `ACK_EVERY` pieces together."""
        self._heard += 1
        if self._heard == ACK_EVERY:
            self.give_word({"type": "got", "pieces": self._heard})
            self._heard = 0

    async def write(self) -> None:
        """Send the frames that wait, until the task is cancelled or the page is gone."""
        with contextlib.suppress(ConnectionError):
            while True:
                await self._news.wait()
                self._news.clear()
                while self._words or (self._pieces and not self._is_late):
                    await self._send_one()

    async def _send_one(self) -> None:
        if self._words:
            await self.line.send_str(self._words.popleft())
            return
        self._sent_at.append(time.monotonic())
        await self.line.send_bytes(self._pieces.popleft())

    @property
    def _is_late(self) -> bool:
        """Whether an acknowledgement is late. None is due for fewer than `ACK_EVERY` pieces, however old they are."""
        return len(self._sent_at) >= ACK_EVERY and time.monotonic() - self._sent_at[ACK_EVERY - 1] > LATE_S


def _fields_of(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _keep_buffers_small(request: web.Request) -> None:
    """Keep the buffers towards a page small: pieces in them cannot be given up when it is too late to hear them."""
    if request.transport is None:
        return
    request.transport.set_write_buffer_limits(high=2048)
    if (plain := request.transport.get_extra_info("socket")) is not None and plain.family != socket.AF_UNIX:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
