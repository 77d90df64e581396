"""Frames of the websocket. Media are bytes behind a fixed head, all else is small JSON objects."""

from __future__ import annotations

import enum
import json
import math
import struct
from typing import Any, NamedTuple

from media_worker.contract import Refusal, RefusalCode

VERSION = 1
PATH = "/send"
_HEAD = struct.Struct(">IB3xd")
_MOST_FIELDS = 16


class Flag(enum.IntFlag):
    """Properties of a chunk."""

    NEW_HEADER = 1
    """The chunk begins with a recorder's very first bytes."""
    HEADER_ONLY = 2
    """The chunk is sent again for its description of the tracks. Its frames were sent before."""
    LATE = 4
    """The chunk was kept while the network line was down."""


class CloseCode(enum.IntEnum):
    """Why a websocket was closed. The refusal before it says more."""

    DONE = 1000
    RESTART = 1012
    """The worker goes, and another one comes."""
    PROTOCOL = 4400
    REFUSED = 4403
    SILENT = 4408
    REPLACED = 4409
    OVER = 4410
    UNREADABLE = 4415
    """No recorder writes such media."""
    TOO_MANY = 4429
    UNAVAILABLE = 4503


CLOSES = {
    RefusalCode.TAKEN_OVER: CloseCode.REPLACED,
    RefusalCode.SESSION_OVER: CloseCode.OVER,
    RefusalCode.UNAVAILABLE: CloseCode.UNAVAILABLE,
    RefusalCode.STALE_RUN: CloseCode.SILENT,
}


class WireError(Exception):
    """A frame breaks the protocol.

    Args:
        code: stable word, e.g. `frame.head`.
        detail: what happened, for the log and for authors of clients.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class Chunk(NamedTuple):
    """A piece of a recorder's output."""

    sequence: int
    """Number of the chunk, rising by one over the whole life of a sender."""
    flags: Flag
    ends_at_ms: float
    """When the recorder handed the chunk over, on the browser's clock. No frame in it was captured later."""
    payload: bytes


class Hello(NamedTuple):
    """The first frame of every connection."""

    ticket: str
    sender: str
    """Name that the tab gave itself. The ticket is valid for this tab alone."""
    mime: str


def read_chunk(data: bytes) -> Chunk:
    """Parse a binary frame. Raises WireError."""
    if len(data) < _HEAD.size:
        raise WireError("frame.head", f"a binary frame of {len(data)} bytes")
    sequence, flags, ends_at = _HEAD.unpack_from(data)
    if flags > 7 or not math.isfinite(ends_at):
        raise WireError("frame.head", f"flags {flags}, time {ends_at}")
    return Chunk(sequence, Flag(flags), ends_at, data[_HEAD.size :])


def write_chunk(chunk: Chunk) -> bytes:
    """Return the chunk as a binary frame."""
    return _HEAD.pack(chunk.sequence, chunk.flags, chunk.ends_at_ms) + chunk.payload


def read_text(text: str) -> dict[str, Any]:
    """Parse a text frame, a small object with a type. Raises WireError."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise WireError("frame.json", "a text frame that is not JSON") from None
    if not isinstance(found, dict) or not isinstance(found.get("type"), str) or len(found) > _MOST_FIELDS:
        raise WireError("frame.json", "a text frame without a type")
    return found


def read_hello(text: str) -> Hello:
    """Parse the first frame. Raises WireError."""
    frame = read_text(text)
    if frame["type"] != "hello":
        raise WireError("hello.missing", f"{frame['type'][:40]!r} before hello")
    if frame.get("version") != VERSION:
        raise WireError("hello.version", f"this server speaks version {VERSION}: reload the page")
    words = [word for name in Hello._fields if isinstance(word := frame.get(name), str) and 0 < len(word) <= 200]
    if len(words) != len(Hello._fields):
        raise WireError("hello.fields", "hello needs ticket, sender and mime")
    return Hello(*words)


def number(frame: dict[str, Any], name: str) -> float:
    """Return a field that must be a number. Raises WireError."""
    value = frame.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise WireError("frame.field", f"{name} is not a number")
    return float(value)


def refusal_frame(refusal: Refusal) -> dict[str, str]:
    """Return the frame that tells a sender the reason before the connection closes."""
    return {"type": "refused", "code": str(refusal.code), "message": refusal.reason}


def short_name(user_agent: str) -> str:
    """Return a browser's name and version in a word and a number, from its User-Agent header."""
    for mark, name in (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome")):
        _before, found, after = user_agent.partition(mark)
        if found:
            return f"{name} {after.partition('.')[0][:4]}".strip()
    if "Safari/" in user_agent:
        return f"Safari {user_agent.partition('Version/')[2].partition('.')[0][:4]}".strip()
    return "browser"
