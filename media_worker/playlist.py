"""Playlists as text (RFC 8216 and its second edition, draft-pantos-hls-rfc8216bis)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from media_worker.index import Piece, Segment

TARGET_DURATION_S = 2
"""The RFC demands that it never changes during a stream. The pipeline re-encodes before a segment rounds to 3 s."""

END = "#EXT-X-ENDLIST\n"
SOURCE, VOICE = "source.m3u8", "audio.m3u8"
MEDIA_LISTS = (SOURCE, VOICE)
MASTER = "index.m3u8"


@dataclass(frozen=True)
class Entry:
    """A segment's place in a playlist."""

    segment: Segment
    seam: bool
    """The entry's media time does not continue the one before: EXT-X-DISCONTINUITY."""

    def text(self, playlist: str, *, with_map: bool) -> str:
        """Return the lines of this entry in `source.m3u8` or `audio.m3u8`."""
        piece = piece_of(self.segment, playlist)
        return "".join((
            "#EXT-X-DISCONTINUITY\n" if self.seam else "",
            f'#EXT-X-MAP:URI="{piece.init}"\n' if with_map else "",
            f"#EXT-X-PROGRAM-DATE-TIME:{date_time(piece.start_ms)}\n",
            "#EXT-X-GAP\n" if piece.gap else "",
            f"#EXTINF:{piece.duration_ms / 1000:.5f},\n{piece.name}\n",
        ))  # fmt: skip


def piece_of(segment: Segment, playlist: str) -> Piece:
    """Return the piece of a segment that this playlist lists."""
    return segment.source if playlist == SOURCE else segment.voice


def date_time(unix_ms: float) -> str:
    """Return the time as ISO 8601 in UTC with milliseconds."""
    whole = round(unix_ms)
    return f"{datetime.fromtimestamp(whole // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{whole % 1000:03d}Z"


def header(*, sequence: int = 0, seams_before: int = 0, event: bool = False) -> str:
    """Return the first lines of a media playlist."""
    return (
        f"#EXTM3U\n#EXT-X-VERSION:8\n#EXT-X-TARGETDURATION:{TARGET_DURATION_S}\n#EXT-X-MEDIA-SEQUENCE:{sequence}\n"
        + (f"#EXT-X-DISCONTINUITY-SEQUENCE:{seams_before}\n" if not event else "")
        + ("#EXT-X-PLAYLIST-TYPE:EVENT\n" if event else "")
        + "#EXT-X-INDEPENDENT-SEGMENTS\n"
    )


def media(playlist: str, entries: Iterable[Entry], before: Segment | None = None) -> str:
    """Return the lines of consecutive entries, with an EXT-X-MAP wherever the map changes."""
    lines, init = [], piece_of(before, playlist).init if before else ""
    for one in entries:
        piece = piece_of(one.segment, playlist)
        lines.append(one.text(playlist, with_map=piece.init != init))
        init = piece.init
    return "".join(lines)


def master(segment: Segment) -> str:
    """Return the multivariant playlist: the picture with sound, and the voice alone for thin lines."""
    return (
        "#EXTM3U\n#EXT-X-VERSION:8\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        f'#EXT-X-STREAM-INF:BANDWIDTH={_bandwidth(segment.source)},CODECS="{segment.codec},mp4a.40.2"'
        f",RESOLUTION={segment.width}x{segment.height}\n{SOURCE}\n"
        f'#EXT-X-STREAM-INF:BANDWIDTH={_bandwidth(segment.voice)},CODECS="mp4a.40.2"\n{VOICE}\n'
    )


def _bandwidth(piece: Piece) -> int:
    # rounded up coarsely, because the first segment stands for all
    return (int(piece.bytes * 8000 / max(piece.duration_ms, 1) * 1.3) // 100_000 + 1) * 100_000


@dataclass(frozen=True)
class Parsed:
    """A parsed playlist of an earlier worker."""

    sequence: int
    seams_before: int
    names: tuple[tuple[str, bool], ...]
    """File name, and whether a discontinuity precedes it."""
    whole: int
    """Number of characters up to the end of the last complete entry."""
    ended: bool


def parse(text: str) -> Parsed:
    """Parse one of our own playlists. An entry cut off at the end is left out."""
    names, whole, seam, at = [], 0, False, 0
    for line in text.splitlines(keepends=True):
        at += len(line)
        if not line.endswith("\n"):
            break
        if line.startswith("#EXT-X-DISCONTINUITY\n"):
            seam = True
        elif not line.startswith("#"):
            names.append((line.strip(), seam))
            seam, whole = False, at
        elif line.startswith("#EXT-X-INDEPENDENT"):
            whole = at
    return Parsed(
        _header_number(text, "MEDIA-SEQUENCE"), _header_number(text, "DISCONTINUITY-SEQUENCE"),
        tuple(names), whole, END in text,
    )  # fmt: skip


def _header_number(text: str, name: str) -> int:
    found = re.search(rf"#EXT-X-{name}:(\d+)\n", text)
    return int(found[1]) if found else 0
