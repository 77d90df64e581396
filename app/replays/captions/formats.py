"""Captions as text: WebVTT (W3C, 2019) and SubRip. Pure.

Only cues are read. Settings, regions, styles, notes and tags are dropped, so that a page never runs or shows anything
of a stranger's file but its words.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import NamedTuple


class Cue(NamedTuple):
    """Words for a stretch of the recording: from, to (ms) and text."""

    start_ms: int
    end_ms: int
    text: str


class Unreadable(ValueError):
    """The text holds no captions. Its argument is the number of the line that cannot be read, 0 for none."""


_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_TIMING = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?")
_TAG = re.compile(r"</?[A-Za-z0-9:][^<>]*>|\{\\[^}]*\}")


def cues_of(text: str) -> list[Cue]:
    """Return the cues of a VTT or SRT file, in the order of their beginnings.

    Raises:
        Unreadable: a line of times is wrong, or there is not one cue.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cues: list[Cue] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if "-->" not in line:
            continue
        timing = _TIMING.fullmatch(line)
        if timing is None:
            raise Unreadable(at)
        start_ms, end_ms = _ms(timing.groups()[:4]), _ms(timing.groups()[4:])
        if end_ms < start_ms:
            raise Unreadable(at)
        words = []
        while at < len(lines) and lines[at].strip() and "-->" not in lines[at]:
            words.append(lines[at])
            at += 1
        plain = html.unescape(_TAG.sub("", "\n".join(words))).strip()
        if plain and end_ms > start_ms:
            cues.append(Cue(start_ms, end_ms, plain))
    if not cues:
        raise Unreadable(0)
    return sorted(cues, key=lambda cue: (cue.start_ms, cue.end_ms))


def vtt_of(cues: Sequence[Cue]) -> str:
    """Return cues as WebVTT."""
    blocks = [f"{_clock(cue.start_ms)} --> {_clock(cue.end_ms)}\n{_escaped(cue.text)}" for cue in cues]
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def srt_of(cues: Sequence[Cue]) -> str:
    """Return cues as SubRip."""
    blocks = [
        f"{number}\n{_clock(cue.start_ms, ',')} --> {_clock(cue.end_ms, ',')}\n{_without_gaps(cue.text)}"
        for number, cue in enumerate(cues, 1)
    ]
    return "\n\n".join(blocks) + "\n"


def _ms(parts: Sequence[str | None]) -> int:
    hours, minutes, seconds, fraction = parts
    return (int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)) * 1000 + int(
        (fraction or "0").ljust(3, "0")
    )


def _clock(ms: int, point: str = ".") -> str:
    seconds, rest = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{rest:03}"


def _escaped(text: str) -> str:
    return _without_gaps(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _without_gaps(text: str) -> str:
    """Drop empty lines, which would end the cue, and arrows, which would begin another."""
    return "\n".join(line for line in text.splitlines() if line.strip()).replace("-->", "->")
