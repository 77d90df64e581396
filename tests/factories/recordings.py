"""Recordings for tests: real segments, laid out as media_worker does."""

from __future__ import annotations

import subprocess
from itertools import chain
from pathlib import Path

import imageio_ffmpeg

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


def run_of(
    media: Path, name: str, seconds: int, *, size: str = "320x180", rate: int = 48000, colour: str = "navy"
) -> list[str]:
    """Encode a run of one-second segments and give its playlist's lines, EXT-X-MAP first."""
    segments = media / "segments"
    segments.mkdir(parents=True, exist_ok=True)
    argv = [FFMPEG, "-v", "error", "-f", "lavfi", "-i", f"color={colour}:s={size}:r=25", "-f", "lavfi"]
    argv += [
        "-i",
        f"sine=frequency=440:sample_rate={rate}",
        "-t",
        str(seconds),
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
    ]
    argv += ["-pix_fmt", "yuv420p", "-g", "25", "-c:a", "aac", "-f", "hls", "-hls_time", "1", "-hls_list_size", "0"]
    argv += ["-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", f"{name}-init.mp4"]
    argv += ["-hls_segment_filename", str(segments / f"{name}-%03d.m4s"), str(segments / f"{name}.m3u8")]
    subprocess.run(argv, check=True)
    written = (segments / f"{name}.m3u8").read_text().splitlines()
    return [line for line in written if line.startswith(("#EXT-X-MAP", "#EXTINF")) or not line.startswith("#")]


def write_playlist(media: Path, *runs: list[str]) -> None:
    """Write the full playlist of some runs, with a discontinuity between them."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:2", "#EXT-X-PLAYLIST-TYPE:EVENT"]
    for number, run in enumerate(runs):
        lines += ["#EXT-X-DISCONTINUITY"] if number else []
        lines += run
    (media / "full").mkdir(parents=True, exist_ok=True)
    (media / "full" / "source.m3u8").write_text("\n".join([*lines, "#EXT-X-ENDLIST", ""]))


def without(run: list[str], first: int, last: int) -> list[list[str]]:
    """Cut the segments first..last (from 0) out of a run, as a pause does; gives what is before and after."""
    head, pairs = run[0], [run[at : at + 2] for at in range(1, len(run), 2)]
    return [[head, *chain.from_iterable(part)] for part in (pairs[:first], pairs[last + 1 :])]
