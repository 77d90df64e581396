"""Two tracks that arrive apart: the distance between them, and how their frames get back into order.

Encoders send sound and picture of one moment at different times, some seconds apart: a capture card delays the
picture, a wireless microphone the sound. Their timestamps belong together, so the track that comes first waits.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Iterator

from media_worker.ingest import TagKind
from media_worker.planning import Frame

MOST_SKEW_MS = 3000
"""Maximum wait of the earlier track. Beyond it the presenter gets an alarm."""
LATE_MS = 5000
"""Lag behind the other track beyond which a frame is useless."""
BACK_MS, AHEAD_MS = 500, 10_000
"""Maximum step of a track's clock from frame to frame, back and ahead. Anything else is a jump."""
REMEMBERED_S = 10
"""Media for which a distance is remembered."""
ROUNDING_MS = 20

_OTHER = {TagKind.VIDEO: TagKind.AUDIO, TagKind.AUDIO: TagKind.VIDEO}


class Fit(enum.Enum):
    """How a frame's time fits the frames before it."""

    FITS = enum.auto()
    JUMPS = enum.auto()
    """The encoder's clock has begun anew."""
    STRAYS = enum.auto()
    """The frame is too far from the other track's time to be of use."""


class Skew:
    """Recent lag of each track behind the other, in ms on the encoder's clock.

    Each track has its own row of times: a jump is measured against frames of the same track.
    """

    def __init__(self) -> None:
        self.newest: dict[TagKind, int] = {}
        self._strays_from: int | None = None
        """Time of the other track at which a track began to stray."""
        self._late: dict[TagKind, deque[tuple[int, int]]] = {TagKind.VIDEO: deque(), TagKind.AUDIO: deque()}

    def fit(self, kind: TagKind, stamp: int) -> Fit:
        """Judge a frame's time, and remember it."""
        last, other = self.newest.get(kind), self.newest.get(_OTHER[kind])
        if last is not None and not last - BACK_MS <= stamp <= last + AHEAD_MS:
            is_back = other is not None and stamp > last and abs(stamp - other) <= AHEAD_MS
            if not is_back:  # a track that rested comes back at the other track's time
                return Fit.JUMPS
        if last is None and other is not None and not other - LATE_MS <= stamp <= other + AHEAD_MS:
            self._strays_from = other if self._strays_from is None else self._strays_from
            return Fit.STRAYS
        self._see(kind, stamp)
        if other is not None and other - stamp > LATE_MS:
            return Fit.STRAYS
        self._strays_from = None
        return Fit.FITS

    def _see(self, kind: TagKind, stamp: int) -> None:
        self.newest[kind] = stamp
        other = self.newest.get(_OTHER[kind])
        if other is None:
            return
        second, late = stamp // 1000, self._late[kind]
        if late and late[-1][0] == second:
            late[-1] = (second, max(late[-1][1], other - stamp))
        else:
            late.append((second, other - stamp))
        while not second - REMEMBERED_S <= late[0][0] <= second:
            late.popleft()

    def late_ms(self, kind: TagKind) -> int:
        """Return the lag of this track behind the other, at least 0."""
        return max(0, max((late for _second, late in self._late[kind]), default=0))

    @property
    def is_large(self) -> bool:
        """Whether one track comes too late for the other to wait."""
        strays_ms = max(self.newest.values()) - self._strays_from if self._strays_from is not None else 0
        return strays_ms > MOST_SKEW_MS or any(self.late_ms(kind) > MOST_SKEW_MS for kind in self._late)


class Weaver:
    """Puts the frames of two tracks in the order of their times. The earlier track waits while that helps."""

    def __init__(self, skew: Skew) -> None:
        self._skew = skew
        self._waiting: dict[TagKind, deque[Frame]] = {TagKind.VIDEO: deque(), TagKind.AUDIO: deque()}
        self._newest: dict[TagKind, float] = {TagKind.VIDEO: float("-inf"), TagKind.AUDIO: float("-inf")}

    def add(self, frame: Frame) -> Iterator[Frame]:
        """Take a frame. Yield those whose turn it is."""
        kind = frame.tag.kind
        self._waiting[kind].append(frame)
        self._newest[kind] = max(self._newest[kind], frame.tag.timestamp_ms)
        while (first := self._first()) is not None:
            yield self._waiting[first].popleft()

    def _first(self) -> TagKind | None:
        heads = {kind: row[0].tag.timestamp_ms for kind, row in self._waiting.items() if row}
        if not heads:
            return None
        kind = min(heads, key=lambda one: heads[one])
        if len(heads) == 2 or self._newest[_OTHER[kind]] >= heads[kind]:
            return kind
        patience = min(MOST_SKEW_MS, self._skew.late_ms(_OTHER[kind])) + ROUNDING_MS
        return kind if self._newest[kind] - heads[kind] >= patience else None

    def rest(self) -> list[Frame]:
        """Return the frames that still wait."""
        left = [one for row in self._waiting.values() for one in row]
        for row in self._waiting.values():
            row.clear()
        return sorted(left, key=lambda one: one.tag.timestamp_ms)
