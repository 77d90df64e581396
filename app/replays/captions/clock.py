"""From places of a recording to moments of capture, as its playlist tells. Pure."""

from __future__ import annotations

from bisect import bisect_right

from app.replays.mp4.parts import parts_of


class PlaylistClock:
    """The clock of one playlist."""

    def __init__(self, playlist: str) -> None:
        """Read a media playlist (RFC 8216) whose segments have dates."""
        self._starts: list[float] = []
        self._walls: list[float] = []
        position_ms, wall_ms = 0.0, 0.0
        for part in parts_of(playlist):
            for (_name, duration_s), captured_ms in zip(part.segments, part.captured_ms, strict=True):
                wall_ms = wall_ms if captured_ms is None else float(captured_ms)
                self._starts.append(position_ms)
                self._walls.append(wall_ms)
                position_ms += duration_s * 1000
                wall_ms += duration_s * 1000

    def wall_ms(self, position_ms: int) -> int | None:
        """Return the moment of capture (epoch ms) of a place; `None` where nothing was recorded."""
        if not self._starts:
            return None
        index = max(0, bisect_right(self._starts, position_ms) - 1)
        return round(self._walls[index] + position_ms - self._starts[index])
