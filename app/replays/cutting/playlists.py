"""Playlists without the cuts, made from those of the whole recording. Pure.

Segments that lie wholly outside of the cuts stay as they are. Of a segment through which the edge of a cut runs, what
is left is encoded anew (`edges`) and listed in its place. Until it is there, the whole segment is left out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

Span = tuple[float, float]
"""From and to, epoch ms on the capture clock."""

LEAST_LEFT_MS = 120
"""Minimum length of a rest of a segment. A shorter one is left out, too: nobody sees a moment of three pictures."""
SLACK_MS = 30
"""A cut that reaches less far into a segment takes nothing of it: this is less than a picture at 25 a second."""
VOICE_SLACK_MS = 60
"""The same for the voice, whose segments begin two frames (43 ms) before or after those of the picture."""


@dataclass(frozen=True)
class Rest:
    """Rest of a segment through which the edge of a cut runs."""

    init: str
    segment: str
    start_ms: float
    """Beginning of its segment, epoch ms on the capture clock."""
    from_ms: float
    to_ms: float

    @property
    def key(self) -> str:
        """Name of it among all rests of a recording."""
        return f"{self.segment} {round(self.from_ms)} {round(self.to_ms)}"


@dataclass(frozen=True)
class Edge:
    """A rest that was encoded."""

    init: str
    name: str
    at_ms: float
    """Moment of capture of its first picture, epoch ms."""
    length_s: float


def is_within(moment_ms: float, cuts: Sequence[Span]) -> bool:
    """Return whether a moment lies in one of the cuts, which are in order."""
    index = bisect_right(cuts, moment_ms, key=lambda cut: cut[0]) - 1
    return index >= 0 and moment_ms < cuts[index][1]


def left_of(start_ms: float, end_ms: float, cuts: Sequence[Span], slack_ms: float = SLACK_MS) -> list[Span]:
    """Return what is left of a stretch without the cuts; the stretch itself where they take nothing of it."""
    left, at_ms = [], start_ms
    for from_ms, to_ms in cuts:
        if min(to_ms, end_ms) - max(from_ms, start_ms) > slack_ms:
            left.append((at_ms, max(at_ms, from_ms)))
            at_ms = to_ms
    left.append((at_ms, max(at_ms, end_ms)))
    if len(left) == 1:
        return left
    return [(from_ms, to_ms) for from_ms, to_ms in left if to_ms - from_ms >= LEAST_LEFT_MS]


def rests_of(playlist: str, cuts: Sequence[Span], slack_ms: float = SLACK_MS) -> list[Rest]:
    """Return what is left of the segments through which edges of cuts run."""
    return [
        Rest(line.init, line.name, line.start_ms, from_ms, to_ms)
        for line in _lines_of(playlist)
        if not line.is_gap
        for from_ms, to_ms in left_of(line.start_ms, line.end_ms, cuts, slack_ms)
        if (from_ms, to_ms) != (line.start_ms, line.end_ms)
    ]


def without(
    playlist: str, cuts: Sequence[Span], edges: Mapping[str, Edge] | None = None, slack_ms: float = SLACK_MS
) -> str:
    """Return a media playlist (RFC 8216) without the cuts; a discontinuity stands at each seam.

    Args:
        playlist: of the whole recording.
        cuts: in order.
        edges: rests of segments that were encoded, by `Rest.key`.
        slack_ms: see `left_of`.
    """
    edges = edges or {}
    out: list[str] = []
    listed_init, is_seam = "", False
    for line in _lines_of(playlist):
        out += line.head
        is_seam = is_seam or line.is_seam
        if not line.name:
            continue
        left = left_of(line.start_ms, line.end_ms, cuts, slack_ms)
        if left == [(line.start_ms, line.end_ms)]:
            out += ["#EXT-X-DISCONTINUITY"] if is_seam and listed_init else []
            out += [line.map] if line.init != listed_init else []
            out += [*line.tags, line.name]
            listed_init, is_seam = line.init, False
            continue
        is_seam = True
        for from_ms, to_ms in left:
            edge = edges.get(Rest(line.init, line.name, line.start_ms, from_ms, to_ms).key)
            if edge is not None:
                out += ["#EXT-X-DISCONTINUITY"] if listed_init else []
                out += [f'#EXT-X-MAP:URI="{edge.init}"', f"#EXT-X-PROGRAM-DATE-TIME:{_date_time(edge.at_ms)}"]
                out += [f"#EXTINF:{edge.length_s:.5f},", edge.name]
                listed_init = edge.init
    return "\n".join([*out, ""])


@dataclass(frozen=True)
class _Line:
    """A segment of a playlist, with what stands before it; the last one has no name."""

    head: list[str]
    """Lines about the whole playlist."""
    map: str
    init: str
    is_seam: bool
    tags: list[str]
    """Lines about this segment."""
    name: str
    start_ms: float
    end_ms: float

    @property
    def is_gap(self) -> bool:
        """Whether nothing was captured for it."""
        return "#EXT-X-GAP" in self.tags


def _lines_of(playlist: str) -> Iterator[_Line]:
    head: list[str] = []
    tags: list[str] = []
    wall_ms, duration_ms, init, is_seam = 0.0, 0.0, "", False
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
            head.append(line)
        elif line:
            uri = init.partition('URI="')[2].partition('"')[0]
            yield _Line(head, init, uri, is_seam, tags, line, wall_ms, wall_ms + duration_ms)
            head, tags, is_seam, wall_ms = [], [], False, wall_ms + duration_ms
    yield _Line(head, "", "", False, [], "", 0, 0)


def _date_time(unix_ms: float) -> str:
    moment = datetime.fromtimestamp(round(unix_ms) / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
