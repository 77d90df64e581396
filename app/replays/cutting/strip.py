"""The strip of an editor: small pictures of the recording side by side, and its sound as a wave.

The same pictures lie beside it in the size of a cover.

A job makes it, with ffmpeg on a leash as for downloads. It decodes one picture from each of `PICTURES` segments, and
the sound of all. It lies in the stream's folder, which is not served from there.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from ffmpeg import FFmpegError
from flask import current_app

from app.extensions import db
from app.kernel.queue import Job
from app.live.models import LiveSession
from app.media import folders
from app.replays.mp4.commands import Leashed
from app.replays.mp4.parts import PLAYLIST_INPUT, Part, parts_of

log = logging.getLogger(__name__)

PICTURES = 40
"""Number of pictures from which a cover is chosen."""
EACH = 4
"""One picture of so many stands in the strip: at 500 pixels across, each of ten is still told from the next."""
WIDTH, HEIGHT = 120, 68
COVER = (1280, 720)
"""Size of the large ones, about 80 kB each."""
WAVE = "1600x96"
STRIP, SOUND = "pictures.jpg", "wave.png"
FILES, COVERS = (STRIP, SOUND), "covers"


def folder_of(live: LiveSession) -> Path:
    """Return where the strip of a recording lies."""
    return folders.folder_of(live.stream_id) / "strip"


def is_there(live: LiveSession) -> bool:
    """Return whether the strip has been made."""
    return all((folder_of(live) / name).exists() for name in (*FILES, COVERS))


def cover_of(live: LiveSession, number: int) -> Path:
    """Return the file of a picture of the strip in the size of a cover."""
    return folder_of(live) / COVERS / f"{number:03d}.jpg"


def places(live: LiveSession) -> dict[int, int]:
    """Return where each picture of the strip stands in the whole recording (ms), by its number; none of them twice."""
    parts = parts_of((folders.folder_of(live.stream_id) / "full" / "source.m3u8").read_text())
    begins = [0.0, *accumulate(duration for part in parts for _name, duration in part.segments)]
    pieces = [number * (len(begins) - 1) // PICTURES for number in range(PICTURES)]
    first = {piece: number for number, piece in reversed(list(enumerate(pieces)))}
    return {first[piece]: round(begins[piece] * 1000) for piece in sorted(first)}


def _make(live_id: str) -> None:
    live = db.session.get(LiveSession, live_id)
    if live is None or is_there(live):
        return
    media, target = folders.folder_of(live.stream_id), folder_of(live)
    db.session.commit()
    playlists = media / "full"
    if not (playlists / "source.m3u8").exists():
        return
    try:
        with tempfile.TemporaryDirectory(dir=media, prefix="strip-") as work:
            _make_pictures(parts_of((playlists / "source.m3u8").read_text()), media / "segments", Path(work))
            _make_wave(playlists / "audio.m3u8", media / "segments", Path(work))
            target.mkdir(exist_ok=True)
            for name in (*FILES, COVERS):
                (Path(work) / name).replace(target / name)
    except (FFmpegError, OSError):
        log.exception("strip of %s failed", live_id)


make = Job(_make)


def _make_pictures(parts: Sequence[Part], segments: Path, work: Path) -> None:
    pieces = [(part.init, name) for part in parts for name, _duration in part.segments]
    (work / COVERS).mkdir()
    for number in range(PICTURES):
        init, name = pieces[number * len(pieces) // PICTURES]
        piece = work / "piece.mp4"
        piece.write_bytes((segments / init).read_bytes() + (segments / name).read_bytes())
        made = _ffmpeg().input(str(piece))
        for folder, size in ((work, (WIDTH, HEIGHT)), (work / COVERS, COVER)):
            made.output(str(folder / f"{number:03d}.jpg"), _picture(*size))
        made.execute()
    shown = f"select=not(mod(n\\,{EACH})),crop=ih*10/9:ih,tile={PICTURES // EACH}x1"  # the middle of each, about square
    tiled = {"vf": shown, "frames:v": "1", "q:v": "6"}
    _ffmpeg().input(str(work / "%03d.jpg"), {"framerate": "1"}).output(str(work / STRIP), tiled).execute()


def _picture(width: int, height: int) -> dict[str, str | None]:
    scaled = f"scale={width}:{height}:force_original_aspect_ratio=decrease,pad={width}:{height}:-1:-1,setsar=1"
    return {"frames:v": "1", "an": None, "vf": scaled, "q:v": "5", "threads": "1"}


def _make_wave(playlist: Path, segments: Path, work: Path) -> None:
    lines = playlist.read_text().splitlines() if playlist.exists() else []
    whole = work / "whole.m3u8"
    whole.write_text("\n".join([*(_at(segments, line) for line in lines), ""]))
    wave = f"showwavespic=s={WAVE}:colors=white:filter=peak"  # the mean of a voice is a line
    drawn = {"filter_complex": f"aformat=channel_layouts=mono,{wave}", "frames:v": "1"}
    try:
        _ffmpeg().input(str(whole), PLAYLIST_INPUT).output(str(work / SOUND), drawn).execute()
    except FFmpegError:  # a recording without sound has a line in place of a wave
        line = {"frames:v": "1"}
        _ffmpeg().input(f"color=black:s={WAVE}", {"f": "lavfi"}).output(str(work / SOUND), line).execute()


def _at(segments: Path, line: str) -> str:
    """Name the file of a playlist's line by its whole path."""
    if line.startswith("#EXT-X-MAP:"):
        return line.replace('URI="', f'URI="{segments}/')
    return str(segments / line) if line and not line.startswith("#") else line


def _ffmpeg() -> Leashed:
    ffmpeg = Leashed(current_app.config["FFMPEG"])
    ffmpeg.option("y").option("loglevel", "error")
    return ffmpeg
