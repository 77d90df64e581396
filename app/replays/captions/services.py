"""Presenters' changes to captions."""

from __future__ import annotations

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.models import LiveSession
from app.replays.captions.errors import ChangedMeanwhile, NoSuchCaptions, NotCaptions, TooLong, UnknownLanguage
from app.replays.captions.formats import Unreadable, cues_of
from app.replays.captions.models import Captions
from app.replays.captions.queries import LANGUAGES

MOST_BYTES = 900_000
MOST_CUES = 20_000
"""A cue a second for more than five hours."""


def put(live: LiveSession, language: str, raw: bytes, *, by: User, version: int | None = None) -> Captions:
    """Store the captions of a recording in one language, in place of earlier ones.

    Args:
        live: the lesson.
        language: one of `LANGUAGES`.
        raw: a VTT or SRT file, UTF-8.
        by: who does it.
        version: of the captions that were edited; `None` for a file, which replaces any.

    Raises:
        UnknownLanguage, NotCaptions, TooLong: what is wrong with it.
        ChangedMeanwhile: somebody else has saved another version.
    """
    if language not in LANGUAGES:
        raise UnknownLanguage
    if len(raw) > MOST_BYTES:
        raise TooLong
    try:
        cues = cues_of(raw.decode("utf-8"))
    except (UnicodeDecodeError, Unreadable) as error:
        raise NotCaptions from error
    if len(cues) > MOST_CUES:
        raise TooLong
    with unit_of_work():
        lock(live)
        captions = db.session.get(Captions, (live.id, language))
        if version is not None and (captions is None or captions.gone_ms is not None or captions.version != version):
            raise ChangedMeanwhile
        if captions is None:
            captions = Captions(live_id=live.id, language=language, version=0)
            db.session.add(captions)
        captions.rows = [list(cue) for cue in cues]
        captions.version += 1
        captions.by_id, captions.changed_ms, captions.gone_ms = by.id, clock.now_ms(), None
    return captions


def remove(captions: Captions) -> None:
    """Delete the captions in one language; this can be undone."""
    with unit_of_work():
        lock(captions)
        captions.gone_ms = captions.gone_ms or clock.now_ms()


def restore(live: LiveSession, language: str) -> None:
    """Bring deleted captions back.

    Raises:
        NoSuchCaptions: there never were any.
    """
    with unit_of_work():
        captions = db.session.get(Captions, (live.id, language[:16]))
        if captions is None:
            raise NoSuchCaptions
        captions.gone_ms = None
