"""Presenters' changes to chapters."""

from __future__ import annotations

from app.accounts.models import User
from app.extensions import db
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.models import LiveSession
from app.replays import queries
from app.replays.chapters.errors import FirstChapter, NoSuchChapter, NoTitle, OutsideTheLesson
from app.replays.chapters.models import LONGEST_TITLE, ChapterEdit, Deed
from app.replays.chapters.queries import edits_of


def edit(live: LiveSession, at_ms: int, deed: Deed, title: str = "", *, by: User) -> None:
    """Do something to a chapter.

    Args:
        live: a lesson that is over.
        at_ms: beginning of the chapter.
        deed: what is done.
        title: for a chapter that is named or added. With an empty name a page is called by its number again.
        by: who does it.

    Raises:
        NoSuchChapter, FirstChapter, OutsideTheLesson, NoTitle: it cannot be done.
    """
    title = " ".join(title.split())
    if len(title) > LONGEST_TITLE or (deed is Deed.ADDED and not title):
        raise NoTitle
    with unit_of_work():
        lock(live)
        begins = [chapter.at_ms for chapter in queries.chapters(live, hidden_too=True)]
        if deed is Deed.ADDED:
            if not (live.started_at_ms or 0) <= at_ms <= (live.ended_at_ms or 0):
                raise OutsideTheLesson
        elif at_ms not in begins:
            raise NoSuchChapter
        elif deed is Deed.MERGED and at_ms == begins[0]:
            raise FirstChapter
        db.session.add(ChapterEdit(live_id=live.id, at_ms=at_ms, deed=deed, title=title, by_id=by.id))


def undo(live: LiveSession) -> None:
    """Take the last deed back, if there is one."""
    with unit_of_work():
        lock(live)
        edits = edits_of(live.id)
        if edits:
            db.session.delete(edits[-1])
