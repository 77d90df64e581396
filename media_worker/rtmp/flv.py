"""FLV as bytes: what a Tag looks like in a file or in ffmpeg's pipe (Adobe Flash Video File Format 10.1, annex E)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

HEADER = b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"
"""File header that announces audio and video, and the size of the tag before the first: none."""

_TAG_HEADER = 11
_BACK_POINTER = 4


class FlvError(ValueError):
    """The bytes are not a row of FLV tags."""


class RawTag(NamedTuple):
    """A tag as it stands in a file."""

    kind: int
    timestamp_ms: int
    """32 bits: it starts anew at 2**32."""
    payload: bytes


def encode_tag(kind: int, timestamp_ms: int, payload: bytes) -> bytes:
    """Give one tag with its back pointer; the timestamp keeps its lower 32 bits."""
    stamp = timestamp_ms & 0xFFFFFFFF
    return b"".join(
        (
            bytes((kind,)),
            len(payload).to_bytes(3, "big"),
            (stamp & 0xFFFFFF).to_bytes(3, "big"),
            bytes((stamp >> 24, 0, 0, 0)),
            payload,
            (len(payload) + _TAG_HEADER).to_bytes(_BACK_POINTER, "big"),
        )
    )


def read_tags(data: bytes, start: int = 0) -> Iterator[RawTag]:
    """Walk over tags with back pointers: a file from `start=len(HEADER)`, or an RTMP aggregate message from 0.

    Raises:
        FlvError: a tag is cut off. A missing back pointer after the last tag is forgiven.
    """
    position = start
    while position < len(data):
        size = int.from_bytes(data[position + 1 : position + 4], "big")
        body = position + _TAG_HEADER
        if body + size > len(data):
            raise FlvError(f"tag at byte {position} is cut off")
        stamp = int.from_bytes(data[position + 4 : position + 7], "big") | data[position + 7] << 24
        yield RawTag(data[position] & 0x1F, stamp, data[body : body + size])
        position = body + size + _BACK_POINTER
