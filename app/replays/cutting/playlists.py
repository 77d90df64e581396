"""Playlists without the cuts, made from those of the whole recording. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime

Span = tuple[int, int]
"""From and to, epoch ms on the capture clock."""


def is_within(moment_ms: float, cuts: Sequence[Span]) -> bool:
    """Say whether a moment lies in one of the cuts, which are in order."""
    index = bisect_right(cuts, moment_ms, key=lambda cut: cut[0]) - 1
    return index >= 0 and moment_ms < cuts[index][1]


def without(playlist: str, cuts: Sequence[Span]) -> str:
    """Return a media playlist (RFC 8216) without the segments in the cuts; a discontinuity stands at each seam.

    A segment is judged by its middle: the times of picture and voice differ by some ms.
    """
    lines: list[str] = []
    tags: list[str] = []
    wall_ms, duration_ms, init, listed_init, is_seam = 0.0, 0.0, "", "", False
    for line in playlist.splitlines():
        if line.startswith("#EXT-X-MAP:"):
            init = line
        elif line == "#EXT-X-DISCONTINUITY":
            is_seam = True
        elif line.startswith("#EXT-X-PROGRAM-DATE-TIME:"):
            wall_ms = datetime.fromisoformat(line.partition(":")[2]).timestamp() * 1000
            tags.append(line)
        elif line.startswith("#EXTINF:"):
            duration_ms = float(line.removeprefix("#EXTINF:").split(",")[0]) * 1000
            tags.append(line)
        elif line == "#EXT-X-GAP":
            tags.append(line)
        elif line.startswith("#"):
            lines.append(line)
        elif line:
            if is_within(wall_ms + duration_ms / 2, cuts):
                is_seam = True
            else:
                lines += ["#EXT-X-DISCONTINUITY"] if is_seam and listed_init else []
                lines += [init] if init != listed_init else []
                lines += [*tags, line]
                listed_init, is_seam = init, False
            tags, wall_ms = [], wall_ms + duration_ms
    return "\n".join([*lines, ""])
