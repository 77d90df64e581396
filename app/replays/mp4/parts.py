"""A recording as it lies on disk: parts between discontinuities, and what is in their segments."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import cast

from app.replays.mp4 import boxes
from app.replays.mp4.boxes import PICTURE, SOUND, Look, Samples, Track, Unreadable, Voice

PLAYLIST_INPUT = {"allowed_extensions": "ALL", "protocol_whitelist": "file,crypto,data"}


@dataclass(frozen=True)
class Part:
    """A stretch of segments without a gap."""

    init: str
    segments: tuple[tuple[str, float], ...]
    """(file name, duration in s)"""
    captured_ms: tuple[int | None, ...] = ()
    """Moment at which the first picture of each segment was captured, epoch ms; `None` where the playlist has none."""

    def playlist(self, folder: Path, elsewhere: Mapping[str, Path]) -> str:
        """Write the part as a playlist of its own; `folder` holds the segments, but for those `elsewhere`."""
        longest = max((duration for _name, duration in self.segments), default=1.0)
        lines = ["#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{round(longest) + 1}"]
        lines += ["#EXT-X-PLAYLIST-TYPE:VOD", f'#EXT-X-MAP:URI="{folder / self.init}"']
        for name, duration in self.segments:
            lines += [f"#EXTINF:{duration:.6f},", str(elsewhere.get(name, folder / name))]
        return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def parts_of(playlist: str) -> list[Part]:
    """Cut a media playlist (RFC 8216) into parts at its discontinuities."""
    parts: list[tuple[str, list[tuple[str, float]], list[int | None]]] = []
    init, duration, broken = "", 0.0, True
    captured_ms: int | None = None
    for line in playlist.splitlines():
        if line.startswith("#EXT-X-MAP:"):
            fresh = line.partition('URI="')[2].partition('"')[0]
            init, broken = fresh, broken or fresh != init
        elif line.startswith("#EXTINF:"):
            duration = float(line.removeprefix("#EXTINF:").split(",")[0])
        elif line.startswith("#EXT-X-PROGRAM-DATE-TIME:"):
            captured_ms = round(datetime.fromisoformat(line.partition(":")[2]).timestamp() * 1000)
        elif line == "#EXT-X-DISCONTINUITY":
            broken = True
        elif line and not line.startswith("#"):
            if broken:
                parts.append((init, [], []))
                broken = False
            parts[-1][1].append((line, duration))
            parts[-1][2].append(captured_ms)
            captured_ms = None
    return [Part(init, tuple(segments), tuple(captured)) for init, segments, captured in parts]


def playlists_of(media: Path) -> Path:
    """Return the folder of the playlists that say what is published of a recording: without its cuts, or all of it."""
    cut = media / "cut"
    return cut if (cut / "source.m3u8").exists() else media / "full"


def bytes_of(media: Path) -> int:
    """Count the bytes of a recording with picture and sound, which a download of it has about; 0 when there is none."""
    playlist = playlists_of(media) / "source.m3u8"
    parts = parts_of(playlist.read_text()) if playlist.exists() else []
    files = [media / "segments" / name for part in parts for name, _duration in part.segments]
    return sum(file.stat().st_size for file in files if file.exists())


@dataclass(frozen=True)
class Rates:
    """Bytes that a second of a recording takes."""

    picture: float
    sound: float
    look: Look
    """The shape of the picture."""
    length_s: float
    """Of the whole recording."""


PROBES = 12
"""Number of segments that are read for `rates_of`: a second each, spread over the lesson."""


def rates_of(media: Path) -> Rates | None:
    """Read from some segments what a recording takes. `None` where there is none that can be read."""
    playlist = playlists_of(media) / "source.m3u8"
    parts = parts_of(playlist.read_text()) if playlist.exists() else []
    every = [(part.init, name) for part in parts for name, _duration in part.segments]
    length_s = sum(duration for part in parts for _name, duration in part.segments)
    taken, looks = {kind: Samples() for kind in (PICTURE, SOUND)}, []
    for init, name in every[:: max(1, len(every) // PROBES)]:
        try:
            tracks = boxes.read_init((media / "segments" / init).read_bytes())
            boxes.read_segment(media / "segments" / name, tracks, taken)
            looks.append(cast(Look, tracks[PICTURE].shape))
        except (Unreadable, OSError, KeyError):
            continue
    seconds = sum(taken[PICTURE].lengths_s)
    if not looks or not seconds:
        return None
    return Rates(taken[PICTURE].size_bytes / seconds, taken[SOUND].size_bytes / seconds, looks[0], length_s)


@dataclass(frozen=True)
class Piece:
    """A stretch of a download whose pictures were captured one after another."""

    at_s: float
    """Position in the file at which it begins."""
    length_s: float
    captured_ms: int
    """Moment of capture of its first picture, epoch ms."""


STRAY_MS = 20
"""Half a picture at 25 a second: a capture time that strays less from its neighbours' is one row with them."""


def pieces_of(parts: Sequence[tuple[Part, float]], begun_ms: int) -> list[Piece]:
    """Return the clock of a download, which knows the moment of capture of each place in the file.

    Args:
        parts: each part with its length in the file, s.
        begun_ms: taken for the moment of the first picture where the playlist does not tell it, epoch ms.
    """
    pieces: list[Piece] = []
    at_s, expected_ms = 0.0, float(begun_ms)
    for part, length_s in parts:
        ends_s, is_seam = at_s + length_s, True
        moments = part.captured_ms or (None,) * len(part.segments)
        for number, ((_name, listed_s), told_ms) in enumerate(zip(part.segments, moments, strict=True), 1):
            is_last = number == len(part.segments)
            duration_s = max(0.0, ends_s - at_s) if is_last else listed_s  # the file keeps to the pictures
            captured_ms = expected_ms if told_ms is None else float(told_ms)
            if is_seam or abs(captured_ms - expected_ms) > STRAY_MS:
                pieces.append(Piece(at_s, duration_s, round(captured_ms)))
                expected_ms = captured_ms
            else:
                last = pieces[-1]
                pieces[-1] = Piece(last.at_s, last.length_s + duration_s, last.captured_ms)
            at_s, expected_ms, is_seam = at_s + duration_s, expected_ms + duration_s * 1000, False
    return pieces


class Measured:
    """A part whose segments were read: the truth that a download is made of, and held against."""

    def __init__(self, part: Part, folder: Path) -> None:
        """Read the part.

        Raises:
            Unreadable: a segment is damaged or missing, or has no picture.
        """
        self.part = part
        try:
            self.tracks: dict[bytes, Track] = boxes.read_init((folder / part.init).read_bytes())
        except OSError as error:
            raise Unreadable(part.init) from error
        self._folder = folder
        self._samples = {kind: Samples() for kind in (PICTURE, SOUND)}
        self._crooked = [
            name for name, _duration in part.segments if boxes.read_segment(folder / name, self.tracks, self._samples)
        ]
        if not self._samples[PICTURE].starts_s:
            raise Unreadable(f"{part.init}: no picture")

    def write_playlist(self, file: Path) -> None:
        """Write a playlist of the part, and beside it what ffmpeg would not read as it is."""
        elsewhere = {name: file.with_name(name) for name in self._crooked}
        for name, mended in elsewhere.items():
            mended.write_bytes(boxes.upright((self._folder / name).read_bytes()))
        file.write_text(self.part.playlist(self._folder, elsewhere))

    @property
    def look(self) -> Look:
        """The shape of its picture."""
        return cast(Look, self.tracks[PICTURE].shape)

    @property
    def voice(self) -> Voice | None:
        """The shape of its sound; None for a part in which there is none."""
        return cast(Voice, self.tracks[SOUND].shape) if self._samples[SOUND].starts_s else None

    @property
    def ticks(self) -> tuple[int, ...]:
        """Ticks per second of each track's clock."""
        return tuple(track.ticks for _kind, track in sorted(self.tracks.items()))

    @cached_property
    def length_s(self) -> float:
        """Length of the picture, which is the length of the part."""
        return self._samples[PICTURE].end_s - self._samples[PICTURE].first_s

    @property
    def pictures_s(self) -> array[float]:
        """Moments of its pictures, in order, from the first one."""
        first = self._samples[PICTURE].first_s
        return array("d", sorted(start - first for start in self._samples[PICTURE].starts_s))

    @property
    def heard_s(self) -> float:
        """Beginning of its sound, from the first picture. It is negative if the sound comes first."""
        return self._samples[SOUND].first_s - self._samples[PICTURE].first_s

    @property
    def frames(self) -> int:
        """Number of frames of sound."""
        return len(self._samples[SOUND].starts_s)

    def sound_strays_s(self) -> float:
        """Return the largest distance of its sound from lying gapless beside the picture.

        Frames of AAC have one length, and many players play them one after another whatever the times beside them
        say. So a hole in the sound, or a clock of its own, takes all sound that follows away from its picture.
        """
        voice = self.voice
        if voice is None:
            return self.length_s
        starts, first = self._samples[SOUND].starts_s, self._samples[SOUND].first_s
        pace = max(abs(start - first - number * voice.frame_s) for number, start in enumerate(starts))
        end_s = self.heard_s + self.frames * voice.frame_s
        return max(pace, abs(self.heard_s), abs(end_s - self.length_s))
