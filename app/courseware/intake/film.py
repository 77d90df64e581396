"""A video becomes the segments of a recording: about a second each, as media_worker writes them.

Picture and sound are copied where they can be played as they are: H.264 with a keyframe every two seconds. All else
is encoded anew, by an ffmpeg with limits that sees nothing but the file and its folder.
"""

from __future__ import annotations

import re
import secrets
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ffmpeg import FFmpegError, Progress

from app.courseware.composing.commands import MEMORY_BYTES, Limited
from app.kernel.children.family import Rules, View, launched
from app.kernel.disk import FULL
from media_worker.contract import CUT_S, FORCED_KEYFRAMES

LOOKING = Rules(memory_bytes=1_000_000_000, cpu_s=60, file_bytes=10_000_000)
ENCODING_PER_S = 20
"""CPU seconds for a second of the video after which the encoder is given up; it takes 0.3 at 720p."""
LONGEST_S = 86_400
LONGEST_SEGMENT_S = 2.5
"""Segments must not round to 3 s, the target duration of playlists being 2 (RFC 8216, 4.3.3.1)."""
MOST_WIDTH, MOST_HEIGHT = 1920, 1080
VIDEO = re.compile(r"Stream #0:\d+.*?: Video: (\w+)(?:[^\n]*?), (yuvj?4\d\dp\w*)?[^\n]*?(\d{2,5})x(\d{2,5})")
PICTURE_OF_SOUND = "(attached pic)"
DURATION = re.compile(r"Duration: (\d+):(\d\d):(\d\d\.\d+)")

Report = Callable[[int], None]
"""Is told the progress in percent; what it raises ends the work."""


class NoFilm(Exception):
    """The video cannot be taken; the text is a word of `errors.PROBLEMS`."""


@dataclass(frozen=True)
class Looked:
    """Properties of a video."""

    codec: str
    pixels: str
    width: int
    height: int
    has_sound: bool
    length_s: float
    """0 where the file does not say it."""

    @property
    def is_playable(self) -> bool:
        """Whether every browser plays the picture as it is."""
        fits = self.width <= MOST_WIDTH and self.height <= MOST_WIDTH and self.width % 2 == 0 == self.height % 2
        return self.codec == "h264" and self.pixels in {"yuv420p", "yuvj420p"} and fits


@dataclass(frozen=True)
class Made:
    """The segments of a video."""

    length_ms: int
    size_bytes: int


def look_at(ffmpeg: str, film: Path, work: Path, view: View) -> Looked:
    """Ask ffmpeg what a file is.

    Raises:
        NoFilm: there is no picture in it, or it is too long.
    """
    command = [ffmpeg, "-hide_banner", "-nostdin", *LOCAL, "-i", str(film.resolve())]
    shown = view.with_shown(work, film)
    try:
        done = subprocess.run(launched(command, LOOKING, shown), capture_output=True, timeout=120, check=False)
    except subprocess.TimeoutExpired as error:
        raise NoFilm("no_picture") from error
    told = done.stderr.decode(errors="replace")
    found = next((one for one in VIDEO.finditer(told) if PICTURE_OF_SOUND not in _line_at(told, one.start())), None)
    if found is None:
        raise NoFilm("no_picture")
    codec, pixels, width, height = found.groups()
    length = DURATION.search(told)
    length_s = 0.0
    if length:
        length_s = sum(float(part) * unit for part, unit in zip(length.groups(), (3600, 60, 1), strict=True))
    if length_s > LONGEST_S:
        raise NoFilm("too_long")
    return Looked(codec, pixels or "", int(width), int(height), ": Audio: " in told, length_s)


LOCAL = ("-protocol_whitelist", "file")


def make(ffmpeg: str, film: Path, began_ms: int, work: Path, media: Path, view: View, report: Report) -> Made:
    """Make segments and playlists of a video.

    Args:
        ffmpeg: the binary.
        film: the video.
        began_ms: the moment at which its first picture was captured, epoch ms.
        work: an empty folder, the only place that ffmpeg can write to.
        media: where segments and playlists go.
        view: of the disk, for programs with limits.
        report: is told how far it is.

    Raises:
        NoFilm: it cannot be read.
    """
    looked = look_at(ffmpeg, film, work, view)
    for copies in (True, False) if looked.is_playable else (False,):
        folder = work / ("copied" if copies else "encoded")
        folder.mkdir()
        try:
            _run(ffmpeg, film, looked, folder, view, report, copies=copies)
        except FFmpegError as error:
            if copies:
                continue
            raise NoFilm("disk_full" if FULL in str(error) else "no_picture") from error
        rows = list(_rows_of(folder / "film.m3u8"))
        if rows and (not copies or max(length_s for _name, length_s in rows) <= LONGEST_SEGMENT_S):
            return _lay_out(folder, media, looked, began_ms)
    raise NoFilm("no_picture")


def _line_at(text: str, place: int) -> str:
    return text[place:].partition("\n")[0]


def _run(ffmpeg: str, film: Path, looked: Looked, folder: Path, view: View, report: Report, *, copies: bool) -> None:
    rules = Rules(memory_bytes=MEMORY_BYTES, cpu_s=round(600 + ENCODING_PER_S * (looked.length_s or LONGEST_S)),
                  file_bytes=20_000_000_000)  # fmt: skip
    command = Limited(ffmpeg, rules, view.with_shown(folder, film))
    command.option("y").option("hide_banner").option("nostdin")
    command.input(str(film.resolve()), {"protocol_whitelist": "file"})
    sound = "0:a:0"
    if not looked.has_sound:
        command.input("anullsrc=sample_rate=48000:channel_layout=stereo", {"f": "lavfi"})
        sound = "1:a:0"
    whole = {} if looked.has_sound else {"shortest": None}
    command.output(
        str(folder / "film.m3u8"),
        {"map": ["0:v:0", sound], **whole, **_picture(copies=copies), **_sound(128, 2), **_segments(folder, "film")},
    )
    command.output(
        str(folder / "voice.m3u8"),
        {"map": [sound], **({} if looked.has_sound else {"t": f"{looked.length_s:.3f}"}), **_sound(48, 1),
         **_segments(folder, "voice")},
    )  # fmt: skip

    def progress(moment: Progress) -> None:
        report(int(99 * min(1.0, moment.time.total_seconds() / (looked.length_s or LONGEST_S))))

    command.on("progress", progress)
    command.execute()


def _picture(*, copies: bool) -> dict[str, str]:
    if copies:
        return {"c:v": "copy"}
    fits = f"scale='min(iw,{MOST_WIDTH})':'min(ih,{MOST_HEIGHT})':force_original_aspect_ratio=decrease"
    return {
        "vf": f"{fits},scale='trunc(iw*sar/2)*2':'trunc(ih/2)*2',setsar=1,format=yuv420p",
        "c:v": "libx264",
        "preset": "veryfast",
        "crf": "23",
        "maxrate": "4M",
        "bufsize": "4M",
        "bf": "0",
        "sc_threshold": "0",
        "g": "600",
        "force_key_frames": FORCED_KEYFRAMES,
        "fps_mode": "vfr",
    }


def _sound(kbps: int, channels: int) -> dict[str, str]:
    return {
        "c:a": "aac",
        "b:a": f"{kbps}k",
        "ar": "48000",
        "ac": str(channels),
        "af": "aresample=async=1000:first_pts=0",
    }


def _segments(folder: Path, name: str) -> dict[str, str]:
    return {
        "f": "hls",
        "hls_time": str(CUT_S),
        "hls_list_size": "0",
        "hls_playlist_type": "vod",
        "hls_segment_type": "fmp4",
        # players of segments know no edit list, which else says how B-frames lie beside the sound
        "hls_segment_options": "movflags=+negative_cts_offsets",
        "hls_fmp4_init_filename": f"{name}-init.mp4",
        "hls_segment_filename": str(folder / f"{name}-%06d.m4s"),
    }


def _rows_of(playlist: Path) -> Iterator[tuple[str, float]]:
    """Yield the segments of a playlist with their lengths (s)."""
    length_s = 0.0
    for line in playlist.read_text().splitlines() if playlist.exists() else ():
        if line.startswith("#EXTINF:"):
            length_s = float(line.removeprefix("#EXTINF:").split(",")[0])
        elif line and not line.startswith("#"):
            yield Path(line).name, length_s


def _lay_out(folder: Path, media: Path, looked: Looked, began_ms: int) -> Made:
    """Rename the segments of a closed recording so that nobody guesses their names, and write its playlists."""
    size = length = 0.0
    for name, playlist in (("film", "source.m3u8"), ("voice", "audio.m3u8")):
        init = f"init-{secrets.token_urlsafe(12)}.mp4"
        (folder / f"{name}-init.mp4").replace(media / init)
        lines, at_s = [f'#EXT-X-MAP:URI="{init}"'], 0.0
        for number, (segment, length_s) in enumerate(_rows_of(folder / f"{name}.m3u8"), 1):
            target = media / f"{number:06d}-{secrets.token_urlsafe(12)}.m4s"
            (folder / segment).replace(target)
            moment = datetime.fromtimestamp(began_ms / 1000 + at_s, UTC)
            lines += [f"#EXT-X-PROGRAM-DATE-TIME:{moment.isoformat(timespec='milliseconds').replace('+00:00', 'Z')}"]
            lines += [f"#EXTINF:{length_s:.5f},", target.name]
            at_s, size = at_s + length_s, size + target.stat().st_size
        (media / playlist).write_text("\n".join([*HEAD, *lines, "#EXT-X-ENDLIST", ""]))
        length = max(length, at_s) if name == "film" else length
        if name == "film":
            source_init = (media / init).read_bytes()
    kbps = int(8 * size / max(length, 1) / 1000)
    shape = f",RESOLUTION={looked.width}x{looked.height}"
    (media / "index.m3u8").write_text(
        "#EXTM3U\n#EXT-X-VERSION:8\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        f'#EXT-X-STREAM-INF:BANDWIDTH={max(200, kbps * 2)}000,CODECS="{_codec(source_init)},mp4a.40.2"{shape}\n'
        'source.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=100000,CODECS="mp4a.40.2"\naudio.m3u8\n'
    )
    return Made(round(length * 1000), round(size))


HEAD = (
    "#EXTM3U", "#EXT-X-VERSION:8", "#EXT-X-TARGETDURATION:2", "#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-PLAYLIST-TYPE:EVENT",
    "#EXT-X-INDEPENDENT-SEGMENTS",
)  # fmt: skip


def _codec(init: bytes) -> str:
    """Return the name of the picture's codec: profile, compatibility and level of avcC (RFC 6381, 3.3)."""
    at = init.find(b"avcC")
    return f"avc1.{init[at + 5 : at + 8].hex()}" if at > 0 else "avc1.640028"
