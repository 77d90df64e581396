"""Reading exports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.classroom.slides import queries as stage
from app.classroom.slides import views as slides
from app.courseware.composing.commands import RATES
from app.courseware.composing.layouts import Box, layout_of
from app.courseware.course import Options
from app.courseware.errors import NoSuchExport
from app.courseware.models import UNFINISHED, Export, ExportState, Form
from app.documents import files
from app.documents import queries as documents
from app.extensions import db
from app.kernel import clock, storage
from app.live.models import LiveSession
from app.media.folders import folder_of
from app.replays import mp4
from app.timeline import queries as timeline

DAY_MS = 86_400_000

PROBLEMS = {
    "parts_too_small": _l("Parts of this size hold too little of this lesson. Choose larger ones."),
    "no_slides": _l("No page was shown in this lesson, so there is nothing for a PDF."),
    "nothing_recorded": _l("Nothing was recorded in this lesson."),
    "disk_full": _l("The server's disk is almost full. Tell the administrator, then try again."),
    "unreadable": _l("A piece of the recording cannot be read from the server's disk. Tell the administrator."),
    "player_missing": _l("The player for exported courses is missing on this server. Tell the administrator."),
    "failed": _l("The package could not be made. The recording itself is unharmed."),
}
"""Sentences for what can go wrong, by the word that is kept."""


def exports_of(live_id: str) -> Sequence[Export]:
    """Return the exports of a lesson, the newest first."""
    wanted = select(Export).where(Export.live_id == live_id).order_by(Export.created_ms.desc(), Export.id)
    return db.session.scalars(wanted).all()


def export_of(live: LiveSession, export_id: str) -> Export:
    """Find an export of a lesson.

    Raises:
        NoSuchExport: there is none.
    """
    found = db.session.get(Export, export_id)
    if found is None or found.live_id != live.id:
        raise NoSuchExport
    return found


def next_to_make() -> str | None:
    """Name the export that has waited longest; one that is half made was left by a process that is gone."""
    wanted = select(Export.id).where(Export.state.in_(UNFINISHED))
    return db.session.scalar(wanted.order_by(Export.changed_ms, Export.id).limit(1))


def kept_ms() -> int:
    """Return how long a finished package is kept."""
    days: int = current_app.config["COURSEWARE_KEEP_DAYS"]
    return days * DAY_MS


def too_old() -> Sequence[Export]:
    """Return the exports whose time is over."""
    done = Export.state.not_in(UNFINISHED)
    return db.session.scalars(select(Export).where(done, Export.changed_ms < clock.now_ms() - kept_ms())).all()


def known_ids() -> set[str]:
    """Name all exports that there are."""
    return set(db.session.scalars(select(Export.id)))


def is_lost(export: Export) -> bool:
    """Return whether a package that was made is missing, as after a restore without the packages."""
    return export.state is ExportState.DONE and not file_of(export).exists()


def folder() -> Path:
    """Return the folder in which packages are made and kept."""
    return storage.place("courseware")


def file_of(export: Export) -> Path:
    """Return the path of a package."""
    return folder() / f"{export.id}.{export.ending}"


SLIDES_BYTES_PER_S = {720: 3_000, 1080: 6_000}
"""About what slides that stand take in a composed MP4, by the height of its picture."""
SMALLER = 0.6
"""Share of its bytes per pixel that a camera's picture keeps once it stands small beside the slides."""
CALM, MOVED = 0.3, 2.0
"""The same, measured: for a still room with a noisy sensor, and for a picture that moves everywhere."""
PAPER_BYTES = 0.023
"""Bytes that a pixel of a page takes in a PDF, whatever is on it."""
TINT = {720: 1.38, 1080: 2.32}
"""Bytes in a PDF for a byte of the page's large picture, by the height of a page of 16:9.

Measured with pages of text, empty ones, and upright ones of manuals: within a quarter. A photograph takes half."""
PICTURE_BYTES = 100_000
"""About what the picture of a page takes in a package that plays."""


def forecast(live: LiveSession, form: Form = Form.SCORM12, options: Options | None = None) -> int:
    """Return the approximate size of an export in bytes. Nearly all of a package is the film."""
    wanted, media = options or Options(), folder_of(live.stream_id)
    if form is Form.SLIDES:
        return _pdf_bytes(live, wanted.height)
    if form is Form.TRANSCRIPT:
        return 100 * timeline.last_id(live.id)
    if form not in {Form.COMPOSED, Form.SOUND}:
        return mp4.bytes_of(media) + _pages(live) * PICTURE_BYTES
    rates = mp4.rates_of(media)
    if rates is None:
        return 0
    picture = _composed_bytes_per_s(live, wanted, rates) if form is Form.COMPOSED else 0
    return round(rates.length_s * (rates.sound + picture))


def span(live: LiveSession, form: Form) -> tuple[int, int]:
    """Return the least and the largest size to expect of an export in bytes.

    They differ for a composed MP4 alone: nobody knows before it is encoded how much its picture moves.
    """
    rates = mp4.rates_of(folder_of(live.stream_id)) if form is Form.COMPOSED else None
    if rates is None:
        usual = forecast(live, form)
        return usual, usual
    least, most = (_composed_bytes_per_s(live, Options(), rates, share) for share in (CALM, MOVED))
    return round(rates.length_s * (rates.sound + least)), round(rates.length_s * (rates.sound + most))


def _pdf_bytes(live: LiveSession, height: int) -> int:
    """Return about what a PDF of the pages that were shown takes, from their pictures on disk."""
    shown, width = stage.furthest_steps(live.id), height * 16 // 9
    size = 0.0
    for key, page in documents.pages_by_key(shown).items():
        size += PAPER_BYTES * width * width * page.height / page.width
        name = page.steps[min(shown[key], len(page.steps) - 1)] if page.steps else ""
        file = files.picture_of(page.document_id, name, "large")
        size += TINT[height] * file.stat().st_size if file else 0
    return round(size)


def _pages(live: LiveSession) -> int:
    """Count the pages that were shown."""
    return len({turn.thumb for turn in slides.turns_of(live.id) if turn.page})


def _composed_bytes_per_s(live: LiveSession, wanted: Options, rates: mp4.Rates, kept: float | None = None) -> float:
    """Return the size of the picture of a composed MP4: of the small camera picture and of the slides.

    `kept` is the share of its bytes per pixel that the camera's picture keeps. `None` means the usual one.
    """
    layout, look = layout_of(wanted.layout, wanted.height), rates.look
    has_pages = _pages(live) > 0
    room = layout.video if has_pages else Box(0, 0, layout.width, layout.height)
    box = room.fit(look.height / look.width)
    share = min(1.0, box.width * box.height / (look.width * look.height))
    standing = SLIDES_BYTES_PER_S[wanted.height] if has_pages else 0
    usual = SMALLER if share < 1 else 1.0
    return min(RATES[wanted.height] * 125, rates.picture * share * (usual if kept is None else kept) + standing)
