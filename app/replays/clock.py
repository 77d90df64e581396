"""Places of a recording and moments of capture, as its playlist tells. Pure."""

from __future__ import annotations

from bisect import bisect_right

from app.replays.mp4.parts import parts_of


class PlaylistClock:
    """The clock of one playlist. Places are ms from its beginning, moments epoch ms."""

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
        self.length_ms = position_ms

    def wall_ms(self, position_ms: int) -> int | None:
        """Return the moment of capture (epoch ms) of a place; `None` where nothing was recorded."""
        if not self._starts:
            return None
        index = self._index(position_ms)
        return round(self._walls[index] + position_ms - self._starts[index])

    def position_ms(self, wall_ms: float) -> float:
        """Return the place of a moment of capture; of one that was not recorded, where recording resumed."""
        index = bisect_right(self._walls, wall_ms) - 1
        if index < 0:
            return 0.0
        end_ms = self._end_ms(index)
        return min(self._starts[index] + wall_ms - self._walls[index], end_ms)

    def nearby(self, position_ms: float, snap_ms: float, *, ends: bool = False) -> tuple[int, float]:
        """Return the moment of capture of a place, and the place, moved to an edge of its segment within `snap_ms`.

        With `ends`, the place is the end of a stretch: where two segments meet it belongs to the earlier one, also if
        there is a gap in the recording between them.
        """
        index = self._index(position_ms - (0.5 if ends else 0))
        start_ms, end_ms = self._starts[index], self._end_ms(index)
        near = min((start_ms, end_ms), key=lambda edge: abs(edge - position_ms))
        if near == end_ms and not ends and index + 1 < len(self._starts) and abs(near - position_ms) <= snap_ms:
            return round(self._walls[index + 1]), near
        place_ms = near if abs(near - position_ms) <= snap_ms else position_ms
        return round(self._walls[index] + place_ms - start_ms), place_ms

    def _index(self, position_ms: float) -> int:
        return max(0, bisect_right(self._starts, position_ms) - 1)

    def _end_ms(self, index: int) -> float:
        return self._starts[index + 1] if index + 1 < len(self._starts) else self.length_ms
