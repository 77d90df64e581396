"""The playlists of a recording without its cuts, on the disk.

They are written at once, without the segments through which edges run. A job encodes the edges and writes them anew.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from flask import current_app

from app.extensions import db
from app.kernel import locks
from app.kernel.queue import Job
from app.live.models import LiveSession
from app.media.folders import folder_of
from app.replays.cutting import edges, playlists, queries
from app.replays.cutting.playlists import SLACK_MS, VOICE_SLACK_MS, Rest, Span

WHOLE, CUT = "full", "cut"
MARK, UNFINISHED = "mark", " without edges"
"""Name of the file that says of which cuts the playlists beside it are, and what it says while edges are missing."""
VOICE = "audio.m3u8"


def write_playlists(live: LiveSession) -> None:
    """Write the playlists without the cuts into the stream's folder, or remove them where there is no cut."""
    media, cuts = folder_of(live.stream_id), queries.cuts_of(live.id)
    if not cuts or not (media / WHOLE).exists():
        shutil.rmtree(media / CUT, ignore_errors=True)
        return
    made = edges.known(media)
    (media / CUT).mkdir(exist_ok=True)
    for file in (media / WHOLE).glob("*.m3u8"):
        text = file.read_text()
        if "#EXT-X-STREAM-INF" not in text:
            text = playlists.without(text, cuts.spans, made, _slack_of(file))
        _write(media / CUT / file.name, text)
    is_whole = not edges.missing(media, list(_rests(media, cuts.spans)))
    _write(media / CUT / MARK, cuts.mark if is_whole else f"{cuts.mark}{UNFINISHED}")
    if not is_whole:
        make_edges.later(live.id)


def mend_playlists(live: LiveSession) -> None:
    """Write the playlists if they are not those of the present cuts, as after a process was killed while it cut."""
    mark = folder_of(live.stream_id) / CUT / MARK
    written = mark.read_text() if mark.exists() else ""
    if written != queries.cuts_of(live.id).mark:
        write_playlists(live)


def complete(live: LiveSession) -> None:
    """Encode the edges that are missing, and list them. What is made of the recording now is exact."""
    media = folder_of(live.stream_id)
    with locks.alone(media / "edges.lock") as is_alone:
        if is_alone:
            while wanted := list(_rests(media, queries.cuts_of(live.id).spans)):
                db.session.commit()  # encoding takes a second or two
                if not edges.missing(media, wanted):
                    break
                edges.make(current_app.config["FFMPEG"], media, wanted)
    mend_playlists(live)


def _make_edges(live_id: str) -> None:
    live = db.session.get(LiveSession, live_id)
    if live is not None and folder_of(live.stream_id).exists():
        complete(live)


make_edges = Job(_make_edges)


def _rests(media: Path, cuts: tuple[Span, ...]) -> Iterator[Rest]:
    for file in sorted((media / WHOLE).glob("*.m3u8")) if cuts else ():
        text = file.read_text()
        if "#EXT-X-STREAM-INF" not in text:
            yield from playlists.rests_of(text, cuts, _slack_of(file))


def _slack_of(playlist: Path) -> float:
    return VOICE_SLACK_MS if playlist.name == VOICE else SLACK_MS


def _write(file: Path, text: str) -> None:
    half_written = file.with_suffix(".new")
    half_written.write_text(text)
    half_written.replace(file)
