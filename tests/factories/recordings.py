"""Recordings for tests: real segments, laid out and written as media_worker does."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import imageio_ffmpeg

from media_worker.boxes import read_init, read_segment, write_segment
from media_worker.playlist import date_time

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


def run_of(
    media: Path,
    name: str,
    seconds: float,
    *,
    size: str = "320x180",
    rate: int = 48000,
    colour: str = "navy",
    fps: str = "25",
    ticks: int | None = None,
    channels: int = 1,
    video: tuple[str, ...] = (),
    sound: str = "anull",
    picture: str = "null",
) -> list[str]:
    """Encode a run of one-second segments. Return its playlist's lines, EXT-X-MAP first.

    Args:
        media: the stream's folder.
        name: name of the run in file names.
        seconds: its length.
        size: size of the picture.
        rate: sample rate of the sound.
        colour: colour of the picture.
        fps: pictures a second.
        ticks: ticks of the picture's clock per second. `None` leaves the choice to ffmpeg.
        channels: channels of the sound.
        video: further options of the encoder.
        sound: a filter for the sound.
        picture: a filter for the picture.
    """
    segments = media / "segments"
    segments.mkdir(parents=True, exist_ok=True)
    argv = [FFMPEG, "-v", "error", "-f", "lavfi", "-i", f"color={colour}:s={size}:r={fps}", "-f", "lavfi"]
    argv += ["-i", f"sine=frequency=440:sample_rate={rate}", "-t", str(seconds), "-vf", picture, "-af", sound]
    argv += [
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
        "-force_key_frames",
        "expr:gte(t,n_forced)",
    ]
    argv += ["-fps_mode", "passthrough", *video, "-c:a", "aac", "-ac", str(channels)]
    argv += ["-f", "hls", "-hls_time", "0.9", "-hls_list_size", "0"]
    if ticks:
        argv += ["-hls_segment_options", f"video_track_timescale={ticks}"]
    argv += ["-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", f"{name}-init.mp4"]
    argv += ["-hls_segment_filename", str(segments / f"{name}-%03d.m4s"), str(segments / f"{name}.m3u8")]
    subprocess.run(argv, check=True)
    written = (segments / f"{name}.m3u8").read_text().splitlines()
    _write_as_worker(segments, name)
    return [line for line in written if line.startswith(("#EXT-X-MAP", "#EXTINF")) or not line.startswith("#")]


def silenced(media: Path, name: str, numbers: Iterable[int]) -> None:
    """Remove the sound from some segments of a run, as if an encoder had sent none for a while."""
    init = read_init((media / "segments" / f"{name}-init.mp4").read_bytes())
    for number in numbers:
        file = media / "segments" / f"{name}-{number:03d}.m4s"
        file.write_bytes(write_segment(read_segment(file.read_bytes(), init), init.tracks[:1]))


def _write_as_worker(segments: Path, name: str) -> None:
    """Make the times of all samples absolute, and drop the edit lists."""
    init_file = segments / f"{name}-init.mp4"
    init = read_init(init_file.read_bytes())
    for file in segments.glob(f"{name}-*.m4s"):
        file.write_bytes(write_segment(read_segment(file.read_bytes(), init), init.tracks))
    init_file.write_bytes(init.rendition(init.tracks))


def write_playlist(media: Path, *runs: list[str]) -> None:
    """Write the full playlist of some runs, with a discontinuity between them."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:2", "#EXT-X-PLAYLIST-TYPE:EVENT"]
    for number, run in enumerate(runs):
        lines += ["#EXT-X-DISCONTINUITY"] if number else []
        lines += run
    (media / "full").mkdir(parents=True, exist_ok=True)
    (media / "full" / "source.m3u8").write_text("\n".join([*lines, "#EXT-X-ENDLIST", ""]))


def without(run: list[str], first: int, last: int) -> list[list[str]]:
    """Return the parts of a run before and after the segments first..last (from 0), as a pause leaves them."""
    head, pairs = run[0], [run[at : at + 2] for at in range(1, len(run), 2)]
    return [[head, *chain.from_iterable(part)] for part in (pairs[:first], pairs[last + 1 :])]


def dated(run: list[str], start_ms: int) -> list[str]:
    """Return a run with the capture time of each segment, the first one at `start_ms` (epoch ms)."""
    lines, at_ms = [], float(start_ms)
    for line in run:
        if line.startswith("#EXTINF:"):
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{date_time(at_ms)}")
            at_ms += float(line.removeprefix("#EXTINF:").split(",")[0]) * 1000
        lines.append(line)
    return lines
