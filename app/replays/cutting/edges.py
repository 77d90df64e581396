"""The edges of cuts: what is left of a segment through which one runs, encoded anew.

An edge is exact to one picture. Its files lie beside the segments, and `edges.json` in the stream's folder names them.
They are kept when a cut is taken back, since somebody may be watching; later ones sweep them away.
"""

from __future__ import annotations

import json
import logging
import secrets
import tempfile
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ffmpeg import FFmpegError

from app.kernel import clock
from app.media.folders import SEGMENTS
from app.replays.cutting.playlists import Edge, Rest
from app.replays.mp4 import Unreadable, boxes
from app.replays.mp4.commands import Leashed

log = logging.getLogger(__name__)

NAMES = "edges.json"
UNUSED_KEPT_MS = 86_400_000
"""Time for which the files of an edge stay that no cut needs any more."""
LIKE_TIMES_S = 0.0005


def known(media: Path) -> dict[str, Edge]:
    """Return the edges of a recording that were made, by `Rest.key`."""
    return {key: Edge(**row["edge"]) for key, row in _read(media).items() if row["edge"]}


def missing(media: Path, rests: Sequence[Rest]) -> list[Rest]:
    """Return the rests that are still to be encoded; what could not be encoded once is not tried again."""
    rows = _read(media)
    return [rest for rest in rests if rest.key not in rows]


def make(ffmpeg: str, media: Path, rests: Sequence[Rest]) -> None:
    """Encode what is missing, and sweep away what has not been needed for a day.

    Args:
        ffmpeg: the binary.
        media: the folder of the recording.
        rests: all that the present cuts need.
    """
    rows, now_ms = _read(media), clock.now_ms()
    for rest in rests:
        if rest.key not in rows:
            try:
                edge: Edge | None = _encoded(ffmpeg, media / SEGMENTS, rest)
            except (FFmpegError, Unreadable, OSError):
                log.exception("edge %s", rest.key)
                edge = None
            rows[rest.key] = {"edge": asdict(edge) if edge else None, "used_ms": now_ms}
    needed = {rest.key for rest in rests}
    for key in list(rows):
        if key in needed:
            rows[key]["used_ms"] = now_ms
        elif rows[key]["used_ms"] < now_ms - UNUSED_KEPT_MS:
            for name in ("init", "name") if rows[key]["edge"] else ():
                (media / SEGMENTS / rows[key]["edge"][name]).unlink(missing_ok=True)
            del rows[key]
    half_written = media / f"{NAMES}.new"
    half_written.write_text(json.dumps(rows))
    half_written.replace(media / NAMES)


def _read(media: Path) -> dict[str, Any]:
    """Return {Rest.key: {"edge": fields of the Edge, or None where it could not be encoded; "used_ms": epoch ms}}."""
    file = media / NAMES
    return dict(json.loads(file.read_text())) if file.exists() else {}


def _encoded(ffmpeg: str, segments: Path, rest: Rest) -> Edge:
    """Encode one rest, from its first picture to its last; of the voice alone, from moment to moment."""
    tracks = boxes.read_init((segments / rest.init).read_bytes())
    samples = {kind: boxes.Samples() for kind in tracks}
    boxes.read_segment(segments / rest.segment, tracks, samples)
    heard = {kind: one for kind, one in samples.items() if one.starts_s}
    first_s = min(one.first_s for one in heard.values())
    from_s, to_s = (rest.from_ms - rest.start_ms) / 1000, (rest.to_ms - rest.start_ms) / 1000
    leads = heard.get(boxes.PICTURE) or heard[boxes.SOUND]
    starts = sorted(start - leads.first_s for start in leads.starts_s)
    ends_s = leads.end_s - leads.first_s
    begin = bisect_left(starts, from_s - LIKE_TIMES_S)
    end = bisect_left(starts, to_s - LIKE_TIMES_S)
    if begin >= len(starts) or end <= begin:
        raise Unreadable(f"{rest.segment}: no picture between {from_s} and {to_s}")
    begin_s, end_s = starts[begin], starts[end] if end < len(starts) else ends_s
    shift_s = leads.first_s - first_s  # ffmpeg counts from what comes first, picture or sound
    token = secrets.token_urlsafe(12)
    with tempfile.TemporaryDirectory(dir=segments.parent, prefix="edge-") as work:
        source = Path(work) / "segment.mp4"
        source.write_bytes((segments / rest.init).read_bytes() + boxes.upright((segments / rest.segment).read_bytes()))
        _command(ffmpeg, source, heard_of(tracks, heard), begin_s + shift_s, end_s + shift_s).execute()
        (Path(work) / "init.mp4").replace(segments / f"edge-{token}.mp4")
        (Path(work) / "edge-0.m4s").replace(segments / f"edge-{token}.m4s")
    return Edge(f"edge-{token}.mp4", f"edge-{token}.m4s", rest.start_ms + 1000 * begin_s, round(end_s - begin_s, 5))


def heard_of(tracks: Mapping[bytes, boxes.Track], samples: Mapping[bytes, boxes.Samples]) -> dict[bytes, boxes.Track]:
    """Return the tracks that have samples."""
    return {kind: track for kind, track in tracks.items() if kind in samples}


def _command(
    ffmpeg: str, source: Path, tracks: Mapping[bytes, boxes.Track], begin_s: float, end_s: float
) -> Leashed:  # fmt: skip
    folder, length_s = source.parent, end_s - begin_s
    options: dict[str, str | list[str]] = {"map": []}
    maps: list[str] = []
    if (picture := tracks.get(boxes.PICTURE)) is not None:
        maps.append("0:v:0")
        options |= {
            "vf": f"trim=start={begin_s - LIKE_TIMES_S:.6f}:end={end_s - LIKE_TIMES_S:.6f},setpts=PTS-STARTPTS",
            "c:v": "libx264", "preset": "veryfast", "crf": "18", "bf": "0", "pix_fmt": "yuv420p",
            "fps_mode": "passthrough", "enc_time_base:v": f"1:{picture.ticks}",
            "hls_segment_options": f"video_track_timescale={picture.ticks}",
        }  # fmt: skip
    sound = tracks.get(boxes.SOUND)
    if sound is not None and isinstance(sound.shape, boxes.Voice):
        maps.append("0:a:0")
        options |= {
            "af": f"atrim=start={begin_s:.6f}:end={end_s:.6f},asetpts=PTS-STARTPTS,apad,atrim=end={length_s:.6f}",
            "c:a": "aac", "b:a": f"{64 * max(1, sound.shape.channels)}k", "ar": str(sound.shape.rate),
            "ac": str(min(max(sound.shape.channels, 1), 2)),
            "bsf:a": "noise=drop=not(n)",  # the encoder's run-up, which would come before the picture
        }  # fmt: skip
    options |= {
        "map": maps, "f": "hls", "hls_time": "60", "hls_list_size": "0", "hls_segment_type": "fmp4",
        "hls_fmp4_init_filename": "init.mp4", "hls_segment_filename": str(folder / "edge-%d.m4s"),
    }  # fmt: skip
    command = Leashed(ffmpeg)
    command.option("y").option("loglevel", "error")
    command.input(str(source)).output(str(folder / "edge.m3u8"), options)
    return command
