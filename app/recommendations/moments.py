"""Pictures of lessons on air, taken from the newest keyframe that learners were sent.

One ffmpeg decodes one keyframe of each of several lessons, so that its start is paid for once. It runs beside the
clockwork, which looks each second whether it has finished.
"""

from __future__ import annotations

import logging
import re
import subprocess
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from flask import Flask, current_app, url_for
from sqlalchemy import delete, or_, select

from app.documents import files
from app.documents.models import Document, Page
from app.extensions import db
from app.kernel import clock, storage
from app.kernel.leash import leashed
from app.kernel.unit_of_work import unit_of_work
from app.live.covers.services import Likeness
from app.live.lifecycle import LiveState
from app.live.models import LiveSession
from app.recommendations.models import Moment

log = logging.getLogger(__name__)

EVERY_MS = 50_000
"""Age at which a picture is taken anew. It is then not older than a minute, also if ffmpeg takes some seconds."""
OLDEST_MS = 60_000
"""Age from which a picture is not shown: the cover is true, and an old picture is not."""
AT_ONCE = 25
"""Maximum number of lessons for one ffmpeg."""
PATIENCE_MS = 20_000
"""Time after which an ffmpeg that hangs is ended."""
SIZE = "640:360"
MAP = re.compile(r'#EXT-X-MAP:URI="([\w.-]+)"')
SEGMENT = re.compile(r"[\w.-]+\.m4s")


@dataclass(frozen=True)
class Shot:
    """The newest segment of a lesson on air."""

    live_id: str
    beginning: Path
    """File with the track's description, which each segment needs before it."""
    segment: Path

    @property
    def half_made(self) -> Path:
        """The file that ffmpeg writes."""
        return file_of(self.live_id).with_suffix(".new.webp")


class Camera:
    """Takes the pictures, a group of lessons at a time."""

    def __init__(self) -> None:
        """Take none yet."""
        self._work: subprocess.Popen[bytes] | None = None
        self._shots: list[Shot] = []
        self._since_ms = 0
        self._alone: list[str] = []
        """Lessons of a group of which one could not be read. They are taken one by one."""
        self._tried: dict[str, int] = {}
        """Moments of the last attempts, epoch ms. A lesson without a picture is not tried each second."""

    @property
    def is_at_work(self) -> bool:
        """Return whether a group is being taken, or waits to be taken one by one."""
        return self._work is not None or bool(self._alone)

    def wait(self, timeout_s: float) -> None:
        """Wait until ffmpeg has finished its group, for `timeout_s` at most."""
        if self._work is not None:
            with suppress(subprocess.TimeoutExpired):
                self._work.wait(timeout_s)

    def tick(self) -> None:
        """Finish a group, or begin the next one. The clockwork calls it each second."""
        now = clock.now_ms()
        if self._work is not None:
            if self._work.poll() is None and now - self._since_ms < PATIENCE_MS:
                return
            self._finish()
        due = [one for one in _due(now) if now - self._tried.get(one[0], 0) >= EVERY_MS or one[0] in self._alone]
        lonely = [one for one in due if one[0] in self._alone]
        group = lonely[:1] or due[:AT_ONCE]
        shots = [shot for live_id, stream_id in group if (shot := _newest(live_id, stream_id))]
        for live_id, _stream in group:
            self._tried[live_id] = now
        self._alone = [one for one in self._alone if one not in {live_id for live_id, _stream in group}]
        if shots:
            self._begin(shots, now)

    def _begin(self, shots: list[Shot], now_ms: int) -> None:
        _folder().mkdir(parents=True, exist_ok=True)
        command = leashed(command_for(current_app.config["FFMPEG"], shots))
        self._shots, self._since_ms = shots, now_ms
        self._work = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def _finish(self) -> None:
        assert self._work is not None
        if self._work.poll() is None:
            self._work.kill()
        failed = self._work.wait() != 0
        self._work = None
        if failed and len(self._shots) > 1:
            self._alone = [shot.live_id for shot in self._shots]
        elif not failed:
            _keep(self._shots, self._since_ms)
        for shot in self._shots:
            shot.half_made.unlink(missing_ok=True)


def command_for(ffmpeg: str, shots: Sequence[Shot]) -> list[str]:
    """Return the command line that decodes one keyframe of each segment, and nothing else of it.

    The beginning of the track says all about it. Without `-nofind_stream_info` ffmpeg would decode some frames of each
    segment, of picture and sound, to find out the same, which took a quarter of the processor time.
    """
    command = [ffmpeg, "-v", "error", "-nostdin", "-y", "-filter_threads", "1"]
    for shot in shots:
        command += ["-threads", "1", "-skip_frame", "nokey", "-nofind_stream_info"]
        command += ["-i", f"concat:{shot.beginning}|{shot.segment}"]
    fill = f"scale={SIZE}:force_original_aspect_ratio=increase:flags=fast_bilinear,crop={SIZE}"
    for number, shot in enumerate(shots):
        command += ["-map", f"{number}:v:0", "-frames:v", "1", "-vf", fill, "-c:v", "libwebp"]
        command += ["-quality", "70", "-compression_level", "1", "-threads", "1", str(shot.half_made)]
    return command


def file_of(live_id: str) -> Path:
    """Return the file of a lesson's picture."""
    return _folder() / f"{live_id}.webp"


def likenesses(lives: Collection[LiveSession]) -> Mapping[str, Likeness]:
    """Return pictures for lessons: of this minute for those on air, else the first slide that learners may see."""
    ids = [live.id for live in lives if live.state is LiveState.ON_AIR and not live.draft]
    fresh = select(Moment).where(Moment.live_id.in_(ids), Moment.at_ms > clock.now_ms() - OLDEST_MS)
    found = {
        one.live_id: Likeness(url_for("banner.moment", live_id=one.live_id, at_ms=one.at_ms), is_live=True)
        for one in (db.session.scalars(fresh) if ids else ())
    }
    bare = [live.id for live in lives if not live.cover and live.id not in found]
    return {**_first_slides(bare), **found}


def forget(live_id: str, **_about: Any) -> None:
    """Remove the picture of a lesson that is not on air any more, so that a pause hides it."""
    live = db.session.get(LiveSession, live_id)
    if live is None or live.state is not LiveState.ON_AIR:
        file_of(live_id).unlink(missing_ok=True)
        with unit_of_work():
            db.session.execute(delete(Moment).where(Moment.live_id == live_id))


def camera() -> Camera:
    """Return the camera of this process."""
    return cast(Camera, current_app.extensions["camera"])


def take_pictures() -> None:
    """Let the camera go on. The clockwork calls it."""
    camera().tick()


def register(app: Flask) -> None:
    """Attach the camera to the app."""
    app.extensions["camera"] = Camera()


def _first_slides(live_ids: Collection[str]) -> dict[str, Likeness]:
    """Return the first page of each lesson's first document, if learners may see it now."""
    if not live_ids:
        return {}
    wanted = (
        select(Document.live_id, Document.id, Page.steps)
        .join(Page, Page.document_id == Document.id)
        .where(
            Document.live_id.in_(live_ids),
            Document.removed_ms.is_(None),
            Page.number == 1,
            or_(Document.hidden.is_(False), Page.shown_ms.is_not(None)),
        )
        .order_by(Document.live_id, Document.place.desc(), Document.id.desc())  # the first one is written last
    )
    return {
        live_id: Likeness(files.picture_url(document_id, steps[-1], "medium"), is_live=False)
        for live_id, document_id, steps in db.session.execute(wanted)
        if steps
    }


def _due(now_ms: int) -> list[tuple[str, str]]:
    """Return lesson and stream of those on air whose picture is old, the oldest first."""
    wanted = (
        select(LiveSession.id, LiveSession.stream_id)
        .outerjoin(Moment, Moment.live_id == LiveSession.id)
        .where(
            LiveSession.state == LiveState.ON_AIR,
            LiveSession.draft.is_(False),
            LiveSession.rehearses_id.is_(None),
            LiveSession.deleted_ms.is_(None),
            or_(Moment.at_ms.is_(None), Moment.at_ms < now_ms - EVERY_MS),
        )
        .order_by(Moment.at_ms)
    )
    return [(live_id, stream_id) for live_id, stream_id in db.session.execute(wanted)]


def _newest(live_id: str, stream_id: str) -> Shot | None:
    """Return the newest segment that learners were sent. `None` means that there is none yet."""
    folder = storage.place("media") / stream_id
    try:
        playlist = (folder / "live" / "source.m3u8").read_text(encoding="utf-8")
    except OSError:
        return None
    beginnings = MAP.findall(playlist)
    segments = [line for line in playlist.splitlines() if SEGMENT.fullmatch(line)]
    if not beginnings or not segments:
        return None
    return Shot(live_id, folder / "segments" / beginnings[-1], folder / "segments" / segments[-1])


def _keep(shots: Sequence[Shot], at_ms: int) -> None:
    """Publish the pictures of lessons that are still on air. A pause in between hides what was taken."""
    with unit_of_work():
        ids = [shot.live_id for shot in shots]
        on_air = select(LiveSession.id).where(LiveSession.id.in_(ids), LiveSession.state == LiveState.ON_AIR)
        still = set(db.session.scalars(on_air))
        known = {one.live_id: one for one in db.session.scalars(select(Moment).where(Moment.live_id.in_(ids)))}
        for shot in shots:
            if shot.live_id in still and shot.half_made.exists():
                shot.half_made.replace(file_of(shot.live_id))
                if shot.live_id in known:
                    known[shot.live_id].at_ms = at_ms
                else:
                    db.session.add(Moment(live_id=shot.live_id, at_ms=at_ms))


def _folder() -> Path:
    return storage.place("moments")
