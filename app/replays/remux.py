"""From a recording to one MP4: the segments are put into another container, nothing is encoded again.

The full playlist falls into parts at its discontinuities: a pause, a new encoder, a restart. Each part becomes a
small playlist of its own, and ffmpeg's concat demuxer joins them without the gaps. Only a part whose picture or
sound has another shape than the longest one must be encoded to fit, since an MP4 track has one shape.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ffmpeg import FFmpeg, Progress

TOLERANCE_S = 2.0
"""A recording that comes out shorter by more than this has lost something."""

PLAYLIST_INPUT = {"allowed_extensions": "ALL", "protocol_whitelist": "file,crypto,data"}


@dataclass(frozen=True)
class Shape:
    """What must be the same over a whole MP4 track."""

    width: int
    height: int
    sample_rate: int
    channels: int


@dataclass(frozen=True)
class Part:
    """A stretch of segments without a gap."""

    init: str
    segments: tuple[tuple[str, float], ...]
    """(file name, duration in s)"""

    @property
    def duration_s(self) -> float:
        """Length of the part in seconds."""
        return sum(duration for _name, duration in self.segments)


def parts_of(playlist: str) -> list[Part]:
    """Cut a media playlist (RFC 8216) into parts at its discontinuities."""
    parts: list[tuple[str, list[tuple[str, float]]]] = []
    init, duration, broken = "", 0.0, True
    for line in playlist.splitlines():
        if line.startswith("#EXT-X-MAP:"):
            fresh = line.partition('URI="')[2].partition('"')[0]
            init, broken = fresh, broken or fresh != init
        elif line.startswith("#EXTINF:"):
            duration = float(line.removeprefix("#EXTINF:").split(",")[0])
        elif line == "#EXT-X-DISCONTINUITY":
            broken = True
        elif line and not line.startswith("#"):
            if broken:
                parts.append((init, []))
                broken = False
            parts[-1][1].append((line, duration))
    return [Part(init, tuple(segments)) for init, segments in parts]


def shape_of(init: bytes) -> Shape:
    """Read picture and sound shape from an initialisation segment (ISO/IEC 14496-12, 12.1.3 and 12.2.3)."""
    picture, sound = init.find(b"avc1"), init.find(b"mp4a")
    width, height = struct.unpack_from(">HH", init, picture + 28) if picture >= 0 else (0, 0)
    channels, _size, _predefined, _reserved, rate = (
        struct.unpack_from(">HHHHH", init, sound + 20) if sound >= 0 else (0, 0, 0, 0, 0)
    )
    return Shape(width, height, rate, channels)


def part_playlist(part: Part, segments: Path) -> str:
    """Write a part as a playlist of its own."""
    longest = max((duration for _name, duration in part.segments), default=1.0)
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{round(longest) + 1}", "#EXT-X-PLAYLIST-TYPE:VOD"]
    lines.append(f'#EXT-X-MAP:URI="{segments / part.init}"')
    for name, duration in part.segments:
        lines += [f"#EXTINF:{duration:.6f},", str(segments / name)]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def concat_list(files: Sequence[tuple[Path, float]]) -> str:
    """Write ffmpeg's concat script: files with their durations in seconds, in order."""
    lines = ["ffconcat version 1.0"]
    for file, duration_s in files:
        lines.append(f"file '{file}'")
        if file.suffix == ".m3u8":
            lines += [f"option {name} {value}" for name, value in PLAYLIST_INPUT.items()]
        lines.append(f"duration {duration_s:.6f}")
    return "\n".join([*lines, ""])


def join_command(ffmpeg: str, script: Path, target: Path) -> FFmpeg:
    """Join the parts into a faststart MP4."""
    return (
        FFmpeg(ffmpeg)
        .option("y")
        .option("protocol_whitelist", "file,crypto,data")
        .input(str(script), f="concat", safe="0")
        .output(str(target), {"map": ["0:v:0", "0:a:0"], "c": "copy", "movflags": "+faststart", "f": "mp4"})
    )


def fit_command(ffmpeg: str, playlist: Path, shape: Shape, target: Path) -> FFmpeg:
    """Encode a part so that it has the given shape."""
    size = f"{shape.width}:{shape.height}"
    fit = f"scale={size}:force_original_aspect_ratio=decrease,pad={size}:-1:-1,setsar=1"
    return (
        FFmpeg(ffmpeg)
        .option("y")
        .input(str(playlist), PLAYLIST_INPUT)
        .output(
            str(target),
            {
                "map": ["0:v:0", "0:a:0"],
                "vf": fit,
                "c:v": "libx264",
                "preset": "veryfast",
                "pix_fmt": "yuv420p",
                "c:a": "aac",
                "ar": str(shape.sample_rate),
                "ac": str(shape.channels),
            },
        )
    )


class NothingRecorded(Exception):
    """The lesson has no recording."""


class Incomplete(Exception):
    """What came out is shorter than what was recorded."""


def make_mp4(ffmpeg: str, media: Path, work: Path, target: Path, report: Callable[[int], None]) -> None:
    """Make the MP4 of a recording.

    Args:
        ffmpeg: the binary.
        media: the stream's folder, with `full/source.m3u8` and `segments/`.
        work: an empty folder for scripts and parts.
        target: where the MP4 goes; a half-made one never stands there.
        report: is told the progress in percent.

    Raises:
        NothingRecorded: there are no segments.
        Incomplete: segments are missing or cannot be read.
        ffmpeg.errors.FFmpegError: ffmpeg could not read the segments.
    """
    playlist = media / "full" / "source.m3u8"
    parts = parts_of(playlist.read_text()) if playlist.exists() else []
    if not parts:
        raise NothingRecorded
    segments = media / "segments"
    shapes = {part.init: shape_of((segments / part.init).read_bytes()) for part in parts}
    wanted = main_shape(parts, shapes)
    files = []
    for number, part in enumerate(parts):
        file = work / f"part{number}.m3u8"
        file.write_text(part_playlist(part, segments))
        if shapes[part.init] != wanted:
            fitted = file.with_suffix(".mp4")
            _run(fit_command(ffmpeg, file, wanted, fitted), part.duration_s, lambda _percent: report(0))
            file = fitted
        files.append((file, part.duration_s))
    script = work / "parts.ffconcat"
    script.write_text(concat_list(files))
    half_made = work / "lesson.mp4"
    wanted_s = sum(part.duration_s for part in parts)
    _run(join_command(ffmpeg, script, half_made), wanted_s, report)
    if not half_made.exists() or duration_of(half_made) < wanted_s - TOLERANCE_S:
        raise Incomplete  # ffmpeg passes over what it cannot read and calls that success
    target.parent.mkdir(parents=True, exist_ok=True)
    half_made.replace(target)


def duration_of(file: Path) -> float:
    """Read the length in seconds from an MP4's movie header (ISO/IEC 14496-12, 8.2.2); 0 when it has none."""
    with file.open("rb") as opened:
        head = opened.read(4096)  # a faststart file begins with ftyp and moov, and moov with mvhd
    at = head.find(b"mvhd")
    if at < 0:
        return 0.0
    long_form = head[at + 4] == 1
    timescale, duration = struct.unpack_from(">IQ" if long_form else ">II", head, at + (24 if long_form else 16))
    return float(duration / timescale)


def main_shape(parts: Sequence[Part], shapes: dict[str, Shape]) -> Shape:
    """Give the shape that most of the lesson has."""
    lengths: defaultdict[Shape, float] = defaultdict(float)
    for part in parts:
        lengths[shapes[part.init]] += part.duration_s
    return max(lengths, key=lambda shape: lengths[shape])


def _run(command: FFmpeg, duration_s: float, report: Callable[[int], None]) -> None:
    def progress(moment: Progress) -> None:
        report(min(99, int(100 * moment.time.total_seconds() / max(duration_s, 1))))

    command.on("progress", progress)
    command.execute()
