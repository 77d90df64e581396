"""Replays whose slides hold the words of a search, for one person."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from flask import url_for
from sqlalchemy import select

from app.accounts.models import User
from app.documents import queries as documents
from app.extensions import db
from app.live.lists import queries as listings
from app.live.lists.queries import Tab
from app.live.models import LiveSession
from app.live.queries import open_here
from app.live.views import teachers_of
from app.replays.search.matching import Excerpt, words_of
from app.replays.search.queries import Hit, first_slide

NEWEST = 2_000
"""Replays that are looked through, newest first. With 30 pages each that is a tenth of a second of one core."""
MOST_FOUND = 12
MOST_JUDGED = 3 * MOST_FOUND
"""Lessons that are read to find where a page stands. Pages in a cut stretch are not found."""


@dataclass(frozen=True)
class Found:
    """A replay and the first of its pages that holds the words."""

    subject: str
    teachers: str
    starts_at_ms: int
    page: int | None
    excerpt: Excerpt
    url: str
    """The moment of the page in the replay, with the search in it."""


def in_slides(q: str, user: User | None) -> list[Found]:
    """Return the replays that a person may watch and in which a page with all words was shown, newest first."""
    words = words_of(q)
    if not words:
        return []
    replays = listings.column(user, tab=Tab.REPLAYS)
    columns = (LiveSession.id, LiveSession.starts_at_ms)
    newest = replays.with_only_columns(*columns, maintain_column_froms=True).limit(NEWEST).subquery()
    showed = select(newest.c.id).where(documents.has_shown(newest.c.id, words))
    ids = db.session.scalars(showed.order_by(newest.c.starts_at_ms.desc(), newest.c.id).limit(MOST_JUDGED)).all()
    candidates = db.session.scalars(replays.where(LiveSession.id.in_(ids))).all()
    hits = ((live, first_slide(live, words)) for live in open_here(user, candidates))  # none that put her out
    return list(islice((_found(live, hit, q) for live, hit in hits if hit is not None), MOST_FOUND))


def _found(live: LiveSession, hit: Hit, q: str) -> Found:
    url = url_for("replays.page", live_id=live.id, q=q, _anchor=f"at={hit.at_ms}")
    return Found(live.subject, teachers_of(live), live.starts_at_ms, hit.page, hit.excerpt, url)
