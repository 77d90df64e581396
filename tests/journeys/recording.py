"""A lesson's recording, compared with the media that the encoder has sent."""

from __future__ import annotations

import array
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.journeys.publisher import EPOCH_S, FFMPEG, FRAME_MS, Publisher, clock_readings
from tests.journeys.stack import Lesson

RATE = 8000
LOUD = 2000


@dataclass(frozen=True)
class Entry:
    """A segment in a playlist; times in ms since EPOCH_S."""

    name: str
    start_ms: float
    duration_ms: float


def entries_of(playlist: str) -> list[Entry]:
    """Return the entries of a media playlist in which every segment has its date and time."""
    found, duration, start = [], 0.0, 0.0
    for line in playlist.splitlines():
        if line.startswith("#EXTINF:"):
            duration = 1000 * float(line.removeprefix("#EXTINF:").split(",")[0])
        elif line.startswith("#EXT-X-PROGRAM-DATE-TIME:"):
            moment = datetime.fromisoformat(line.partition(":")[2])
            start = 1000 * (moment.timestamp() - EPOCH_S)
        elif line and not line.startswith("#"):
            found.append(Entry(line, start, duration))
            start += duration
    return found


class Recording:
    """The full playlist of a lesson, straight from the disk."""

    def __init__(self, lesson: Lesson) -> None:
        self._media = lesson.media
        self.playlist = (lesson.media / "full" / "source.m3u8").read_text()
        self.entries = entries_of(self.playlist)

    @property
    def closed(self) -> bool:
        return "#EXT-X-ENDLIST" in self.playlist

    @property
    def duration_s(self) -> float:
        return sum(one.duration_ms for one in self.entries) / 1000

    @property
    def parts_s(self) -> list[float]:
        """Return the length of each part without a break."""
        lengths = {one.name: one.duration_ms / 1000 for one in self.entries}
        return [sum(lengths[name] for name in names) for _init, names in self._parts()]

    def clocks(self, work: Path) -> list[int]:
        """Return the clock of each picture, decoded part by part as players do.

        It fails if a decoder complains.
        """
        readings: list[int] = []
        for _start_ms, file in self.parts(work):
            readings += clock_readings(file)
        return readings

    def parts(self, work: Path) -> Iterator[tuple[float, Path]]:
        """Yield each part without a break as a file, with the date of its beginning (ms since EPOCH_S).

        The last segment dates a part: while the part grows its dates come closer to the truth.
        """
        entries = {one.name: one for one in self.entries}
        for number, (init, names) in enumerate(self._parts()):
            file = work / f"part-{number:03d}.mp4"
            pieces = [init, *names]
            file.write_bytes(b"".join((self._media / "segments" / name).read_bytes() for name in pieces))
            yield entries[names[-1]].start_ms - sum(entries[name].duration_ms for name in names[:-1]), file

    def beeps(self, work: Path) -> list[float]:
        """Return the beginnings of beeps in all sound, in ms since EPOCH_S. Chromium beeps each half second."""
        return [start_ms + at for start_ms, file in self.parts(work) for at in beeps_of(file)]

    def _parts(self) -> list[tuple[str, list[str]]]:
        parts: list[tuple[str, list[str]]] = []
        init, torn = "", True
        for line in self.playlist.splitlines():
            if line.startswith("#EXT-X-MAP:"):
                init = re.findall(r'URI="([^"]+)"', line)[0]
                torn = True
            elif line == "#EXT-X-DISCONTINUITY":
                torn = True
            elif line and not line.startswith("#"):
                if torn:
                    parts.append((init, []))
                    torn = False
                parts[-1][1].append(line)
        return parts


def sent_by(publisher: Publisher) -> list[int]:
    """Return the clocks of all pictures that the encoder has sent, in order."""
    readings: list[int] = []
    for file in publisher.copy_files():
        if file.stat().st_size > 2000:
            readings += clock_readings(file)
    return readings


def missing_ms(sent: list[int], kept: list[int], since: float, until: float) -> int:
    """Return the media sent between two moments that were not kept, in ms."""
    lost = Counter(one for one in sent if since <= one < until) - Counter(kept)
    return FRAME_MS * lost.total()


def beeps_of(file: Path) -> list[float]:
    """Return the beginnings of beeps in a file's sound, in ms from its first sample."""
    argv = [FFMPEG, "-v", "error", "-i", str(file), "-map", "0:a:0", "-ac", "1", "-ar", str(RATE), "-f", "s16le", "-"]
    samples = array.array("h", subprocess.run(argv, capture_output=True, check=True, timeout=480).stdout)
    found, quiet_from = [], -RATE
    for number, value in enumerate(samples):
        if abs(value) > LOUD:
            if number - quiet_from > RATE // 10:
                found.append(number * 1000 / RATE)
            quiet_from = number
    return found


def duration_of(file: Path) -> float:
    """Return the length of a file by its container, in s."""
    argv = [FFMPEG, "-hide_banner", "-nostdin", "-i", str(file)]
    told = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120).stderr
    hours, minutes, seconds = re.findall(r"Duration: (\d+):(\d+):([\d.]+)", told)[0]
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)


def complaints_about(file: Path) -> str:
    """Decode picture and sound of a file. Return ffmpeg's complaints."""
    argv = [FFMPEG, "-hide_banner", "-nostdin", "-v", "error", "-i", str(file), "-f", "null", "-"]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=480).stderr
