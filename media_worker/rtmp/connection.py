"""The socket of one peer: reading, back-pressure, time budgets, and the one closing line in the log."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import cast

from media_worker.awake import OwnTime
from media_worker.contract import Refusal, RefusalCode
from media_worker.ingest import Gate, Publication, PublishRefused
from media_worker.rtmp import chunks, commands, dialogue
from media_worker.rtmp.chunks import ChunkReader, Message, MessageType
from media_worker.rtmp.handshake import Handshake
from media_worker.rtmp.limits import Limits, TurnedAwayError, ViolationError

log = logging.getLogger("media_worker.rtmp")

READ_SIZE = 256 * 1024
"""Maximum bytes of one read from a publisher."""

RESTFUL_SIZE = 48 * 1024
"""Maximum bytes of a read that may be followed by a rest. A fuller socket is read on at once: it must not fill up and
hold the encoder back. TCP begins with a window of 64 KiB."""

_CONTROL_CHUNKS, _COMMAND_CHUNKS = 2, 3
_UNAVAILABLE = Refusal(RefusalCode.UNAVAILABLE, "The server could not check the key just now: try again in a moment")


@dataclass
class Shared:
    """State that all connections of a server share."""

    gate: Gate
    limits: Limits
    members: set[Connection] = field(default_factory=set)
    addresses: Counter[str] = field(default_factory=Counter)
    time: OwnTime = field(default_factory=lambda: OwnTime(time.monotonic))
    memory: memoryview = field(default_factory=lambda: memoryview(bytearray(READ_SIZE)))
    """Buffer of every read, parsed before the next read. So an idle connection holds no buffer."""


class Phase(Enum):
    """Phase of a peer."""

    HANDSHAKE = auto()
    TALKING = auto()
    ASKING = auto()
    """The gate decides. Meanwhile nothing is read."""
    PUBLISHING = auto()
    LEAVING = auto()
    """The last word is said. Further input is thrown away."""
    GONE = auto()


class Connection(asyncio.BufferedProtocol):
    """One peer. No coroutine runs while media flow, only while the gate decides or the pipeline is full."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._limits = limits = shared.limits
        self._loop = asyncio.get_running_loop()
        self._phase = Phase.HANDSHAKE
        self._handshake = Handshake()
        self._reader = ChunkReader(
            max_message=limits.message_before_publish,
            max_partial=limits.partial_before_publish,
            max_streams=limits.chunk_streams,
        )
        self._dialogue = dialogue.Dialogue(self, limits.amf)
        self._publication: Publication | None = None
        self._task: asyncio.Task[None] | None = None
        self._chunk_size = chunks.DEFAULT_CHUNK_SIZE
        self._received = 0
        self._acknowledged = 0
        self._window = dialogue.ANNOUNCED_WINDOW
        self._since = self._heard = self._left_at = shared.time.now()
        self._arrived_ms = 0.0
        self._pinged = False
        self.address = self._peer = "?"

    # for asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Enter the list of peers, or leave at once if it is full."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=self._limits.unread_reply_bytes)
        peer = transport.get_extra_info("peername") or ("?", 0)
        self.address = str(peer[0]).removeprefix("::ffff:")
        self._peer = f"{self.address}:{peer[1]}"
        shared = self._shared
        shared.members.add(self)
        shared.addresses[self.address] += 1
        if len(shared.members) > self._limits.connections:
            self._drop("limit.connections", f"{self._limits.connections} connections are open")
        elif shared.addresses[self.address] > self._limits.connections_per_address:
            self._drop(
                "limit.address", f"{self._limits.connections_per_address} connections from this address are open"
            )

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return the buffer for the next read, a small one for strangers."""
        del sizehint  # asyncio does not know any better either
        memory = self._shared.memory
        return memory if self._phase is Phase.PUBLISHING else memory[: self._limits.read_before_publish]

    def buffer_updated(self, nbytes: int) -> None:
        """Parse the bytes of a read."""
        self._heard = self._shared.time.now()
        self._pinged = False
        self._received += nbytes
        if self._phase in (Phase.LEAVING, Phase.GONE):
            return
        self._arrived_ms = time.time() * 1000
        self._guarded(self._shared.memory[:nbytes])
        if self._phase is Phase.PUBLISHING and self._task is None and nbytes < RESTFUL_SIZE:
            self._rest()

    def pause_writing(self) -> None:
        """Drop a peer that leaves our answers unread."""
        self._drop("limit.unread_reply", f"more than {self._limits.unread_reply_bytes} bytes of answers unread")

    def connection_lost(self, exc: Exception | None) -> None:
        """Log the end, unless it was logged before."""
        if self._phase is Phase.HANDSHAKE:
            self._end("handshake.none", "closed before the handshake was over", logging.WARNING)
        else:
            self._end("lost", str(exc) if exc else "closed by the peer", logging.INFO)
        self._phase = Phase.GONE
        shared = self._shared
        shared.members.discard(self)
        shared.addresses[self.address] -= 1
        if not shared.addresses[self.address]:
            del shared.addresses[self.address]
        del self._reader, self._dialogue  # to free them: the gate may hold `kick`, and so this, for long

    # for the server

    def tick(self, now: float) -> None:
        """Check the time budgets. `now` is the worker's own time in seconds."""
        limits = self._limits
        if self._phase is Phase.LEAVING:
            if now - self._left_at > limits.linger_s:
                self._transport.abort()
        elif self._phase is Phase.HANDSHAKE:
            if now - self._since > limits.handshake_s:
                self._drop("limit.handshake", f"no handshake within {limits.handshake_s} s")
        elif self._phase is Phase.TALKING:
            if now - self._since > limits.publish_s:
                self._drop("limit.publish", f"no publish within {limits.publish_s} s")
        elif self._phase is Phase.PUBLISHING and self._task is None:
            self._check_alive(now)

    async def stop(self) -> None:
        """Close because the server stops, and wait for running tasks."""
        self._end("stopped", "the server stops", logging.INFO)
        self._transport.abort()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    # for the dialogue

    def send(self, message: Message) -> None:
        """Send a message, in chunks of the size announced last."""
        control = message.type < MessageType.AUDIO
        chunk_id = _CONTROL_CHUNKS if control else _COMMAND_CHUNKS
        self._transport.write(chunks.encode_message(message, chunk_id=chunk_id, chunk_size=self._chunk_size))
        if message.type == MessageType.SET_CHUNK_SIZE:
            self._chunk_size = int.from_bytes(message.payload, "big")

    def acknowledge_every(self, window: int) -> None:
        """Send an Acknowledgement for every `window` bytes received, but at most one per read."""
        self._window = window or self._window

    def ask(self, key: str, encoder: str) -> None:
        """Ask the gate. No message is handed on until it has answered."""
        self._phase = Phase.ASKING
        self._transport.pause_reading()
        self._task = self._loop.create_task(self._ask(key, encoder))

    def part(self, code: str, detail: str, *, farewell: bytes) -> None:
        """Answer an encoder that goes in good order, and let it close the connection."""
        if self._end(code, detail, logging.INFO):
            self.send(Message(MessageType.COMMAND_AMF0, 0, self._dialogue.stream, farewell))

    def kick(self, refusal: Refusal) -> None:
        """Send the reason to the encoder, and close."""
        self._turn_away("kicked", str(refusal.code), commands.refused(refusal))

    # inside

    def _guarded(self, data: memoryview) -> None:
        try:
            self._take(data)
        except ViolationError as error:
            self._drop(error.code, error.detail)
        except TurnedAwayError as error:
            self._turn_away(error.code, error.detail, error.answer)

    def _take(self, data: memoryview) -> None:
        if self._phase is not Phase.PUBLISHING and self._received > self._limits.bytes_before_publish:
            raise ViolationError("limit.bytes", f"{self._received} bytes and no publish")
        if self._phase is Phase.HANDSHAKE:
            self._shake_hands(data)
        else:
            self._reader.feed(data)
        while self._phase in (Phase.TALKING, Phase.PUBLISHING):
            message = self._reader.next()
            if message is None:
                break
            self._dialogue.handle(message, self._arrived_ms)
        if self._received - self._acknowledged >= self._window and self._phase is not Phase.LEAVING:
            self._acknowledged = self._received
            count = (self._received & 0xFFFFFFFF).to_bytes(4, "big")
            self.send(Message(MessageType.ACKNOWLEDGEMENT, 0, 0, count))
        if self._phase is Phase.PUBLISHING and self._dialogue.offered_bytes >= self._limits.drain_bytes:
            self._hold_back()

    def _shake_hands(self, data: memoryview) -> None:
        self._transport.write(self._handshake.take(data, int(self._loop.time() * 1000)))
        rest = self._handshake.rest()
        if rest is not None:
            self._reader.feed(rest)
            self._phase = Phase.TALKING
            del self._handshake

    async def _ask(self, key: str, encoder: str) -> None:
        publication: Publication | None = None
        refusal = _UNAVAILABLE
        try:
            async with asyncio.timeout(self._limits.admission_s):
                publication = await self._shared.gate.admit(key, client=self.address, encoder=encoder, kick=self.kick)
        except PublishRefused as error:
            refusal = error.refusal
        except TimeoutError:
            log.warning("rtmp gate silent peer=%s", self._peer)
        except Exception:  # the encoder's user gets an answer, whatever is wrong with the gate
            log.exception("rtmp gate failed peer=%s", self._peer)
        self._task = None
        if publication is None:
            self._turn_away("refused", str(refusal.code), commands.refused(refusal))
        elif self._phase is Phase.ASKING:
            self._begin(publication, encoder)
        else:
            publication.close("the connection ended while the key was checked")

    def _begin(self, publication: Publication, encoder: str) -> None:
        self._publication = publication
        self._phase = Phase.PUBLISHING
        self._reader.max_message = self._limits.message
        self._reader.max_partial = self._limits.partial
        self._heard = self._shared.time.now()
        log.info("rtmp publishing peer=%s encoder=%.80r", self._peer, encoder)
        self._dialogue.admitted(publication)
        self._guarded(memoryview(b""))  # handle the bytes that came with the publish command
        if self._task is None:
            self._transport.resume_reading()

    def _hold_back(self) -> None:
        self._transport.pause_reading()
        self._task = self._loop.create_task(self._drain())

    def _rest(self) -> None:
        """Stop reading for a moment if nobody waits for the next frames. This saves a wake-up for each."""
        assert self._publication is not None
        rest_s = self._publication.rest_s()
        if rest_s > 0:
            self._transport.pause_reading()
            self._loop.call_later(rest_s, self._go_on)

    def _go_on(self) -> None:
        if self._task is None:
            self._transport.resume_reading()

    async def _drain(self) -> None:
        publication = self._publication
        assert publication is not None
        self._dialogue.offered_bytes = 0
        try:
            await publication.drain()
        except Exception:
            log.exception("rtmp drain failed peer=%s", self._peer)
            self._drop("pipeline.failed", "the pipeline failed")
        finally:
            self._task = None
        self._heard = self._shared.time.now()
        if self._phase is Phase.PUBLISHING:
            self._transport.resume_reading()

    def _check_alive(self, now: float) -> None:
        silent = now - self._heard
        if silent > self._limits.idle_s:
            self._drop("limit.idle", f"silent for {self._limits.idle_s} s")
        elif silent > self._limits.ping_s and not self._pinged:
            self._pinged = True
            self.send(dialogue.ping(int(now * 1000)))

    def _turn_away(self, code: str, detail: str, farewell: bytes) -> None:
        """Send a last word and make sure that it is read: throw further input away until the peer closes too."""
        if not self._end(code, detail, logging.WARNING):
            return
        self.send(Message(MessageType.COMMAND_AMF0, 0, self._dialogue.stream, farewell))
        try:
            self._transport.write_eof()
        except OSError:  # the peer went a moment before us
            self._transport.abort()
        self._transport.resume_reading()

    def _drop(self, code: str, detail: str) -> None:
        """Close without a word: the peer breaks the rules, or is dead."""
        if self._end(code, detail, logging.WARNING):
            self._transport.abort()

    def _end(self, code: str, detail: str, level: int) -> bool:
        """Log the one closing line and close the publication. Return False if that was done before."""
        if self._phase in (Phase.LEAVING, Phase.GONE):
            return False
        phase, self._phase = self._phase, Phase.LEAVING
        self._left_at = self._shared.time.now()
        seconds = self._left_at - self._since
        log.log(
            level,
            "rtmp closed peer=%s code=%s detail=%r phase=%s bytes=%d seconds=%.1f",
            *(self._peer, code, detail, phase.name.lower(), self._received, seconds),
        )
        if phase is Phase.PUBLISHING and self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
        if self._publication is not None:
            publication, self._publication = self._publication, None
            publication.close(f"{code}: {detail}")
        return True
