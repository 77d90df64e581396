"""Aggregate messages (RTMP 1.0, 7.1.6): several FLV tags in one message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from media_worker.rtmp.limits import ViolationError

_TAG_HEADER = 11
_BACK_POINTER = 4


class Part(NamedTuple):
    """One tag inside an aggregate."""

    kind: int
    timestamp_ms: int
    """32 bits on the aggregate's own clock: only the distance to the first part counts."""
    payload: bytes


def take_apart(payload: bytes) -> Iterator[Part]:
    """Yield the parts of an aggregate message. A missing back pointer after the last one is forgiven.

    Raises:
        ViolationError: a part is cut off.
    """
    at = 0
    while at < len(payload):
        size = int.from_bytes(payload[at + 1 : at + 4], "big")
        body = at + _TAG_HEADER
        if body + size > len(payload):
            raise ViolationError("message.bad_aggregate", f"the part at byte {at} is cut off")
        stamp = int.from_bytes(payload[at + 4 : at + 7], "big") | payload[at + 7] << 24
        yield Part(payload[at] & 0x1F, stamp, payload[body : body + size])
        at = body + size + _BACK_POINTER
