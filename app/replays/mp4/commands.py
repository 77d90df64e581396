"""ffmpeg's command lines: a part made level with the others, and all parts joined. Pure builders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ffmpeg import FFmpeg

from app.kernel.leash import leashed
from app.replays.mp4.boxes import Look
from app.replays.mp4.parts import PLAYLIST_INPUT
from app.replays.mp4.planning import Step

TICKS = "90000"
"""Per second, for all pictures: a track has one clock, and this one counts every usual frame rate."""
Options = dict[str, str | list[str] | None]


class Leashed(FFmpeg):  # type: ignore[misc] # python-ffmpeg has no types
    """An ffmpeg that ends with the process that runs it."""

    @property
    def arguments(self) -> list[str]:
        """The whole command line."""
        return leashed(super().arguments)


def level_command(ffmpeg: str, playlist: Path, step: Step, target: Path) -> FFmpeg:
    """Make an MP4 of a part in the common ticks; what does not have the common shape is encoded."""
    command = Leashed(ffmpeg).option("y").input(str(playlist), PLAYLIST_INPUT)
    if step.part.voice is None and step.voice is not None:
        command.input(f"anullsrc=sample_rate={step.voice.rate}", f="lavfi")
    options = {**_picture(step.look), **_sound(step), "video_track_timescale": TICKS, "f": "mp4"}
    return command.output(str(target), options)


def _picture(look: Look | None) -> Options:
    if look is None:
        return {"c:v": "copy"}
    size = f"{look.width}:{look.height}"
    return {
        "vf": f"scale='trunc(iw*sar/2)*2':ih,setsar=1,scale={size}:force_original_aspect_ratio=decrease,"
        f"pad={size}:-1:-1,setsar=1",
        "c:v": "libx264",
        "preset": "veryfast",
        "pix_fmt": "yuv420p",
        "fps_mode": "passthrough",
        "enc_time_base:v": f"1:{TICKS}",
    }


def _sound(step: Step) -> Options:
    part, voice = step.part, step.voice
    if voice is None:
        return {"map": ["0:v:0", "0:a:0"], "c:a": "copy"}
    # ffmpeg counts from what comes first, picture or sound
    from_s = max(0.0, -part.heard_s) if part.voice else 0.0
    to_s = from_s + step.frames * voice.frame_s
    first = round(from_s * (part.voice or voice).rate)
    return {
        "map": ["0:v:0", "0:a:0" if part.voice else "1:a:0"],
        "af": f"aresample=async=1000:first_pts={first},apad,atrim=end={to_s:.6f}",
        "c:a": "aac",
        "b:a": f"{64 * voice.channels}k",
        "ar": str(voice.rate),
        "ac": str(voice.channels),
        "bsf:a": "noise=drop=not(n)",  # the encoder's run-up, which would come on top of the part before
    }


def sound_command(ffmpeg: str, film: Path, target: Path) -> FFmpeg:
    """Take the sound out of a download, as it is, into a faststart M4A."""
    options = {"map": "0:a:0", "c": "copy", "movflags": "+faststart", "f": "ipod"}
    return Leashed(ffmpeg).option("y").input(str(film)).output(str(target), options)


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
        Leashed(ffmpeg)
        .option("y")
        .option("protocol_whitelist", "file,crypto,data")
        .input(str(script), f="concat", safe="0")
        .output(
            str(target),
            {
                "map": ["0:v:0", "0:a:0"],
                "c": "copy",
                "video_track_timescale": TICKS,
                "movflags": "+faststart",
                "f": "mp4",
            },
        )
    )
