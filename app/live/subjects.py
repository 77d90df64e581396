"""Subjects are unique among sessions that are published and not deleted, however they are written.

A draft holds no subject, since nobody but its planner may learn of it; publishing it takes the subject.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from sqlalchemy import or_, select

from app.accounts.models import User
from app.extensions import db
from app.live.models import LONGEST_SUBJECT, LiveSession

NUMBERED = re.compile(r"^(.*?)[ ]?[(（](\d+)[)）]$")


LONGEST_KEY = 500
"""Some signs unfold to many, "ﷺ" to 18: a key that would be longer ends in its hash."""


def key_of(subject: str) -> str:
    """Return what two subjects share that are the same to people.

    That is Unicode NFKC and case folding, blanks collapsed, and nothing that has no width.
    """
    folded = unicodedata.normalize("NFKC", subject).casefold()
    seen = "".join(one for one in folded if unicodedata.category(one) != "Cf")
    key = " ".join(seen.split())
    return key if len(key) <= LONGEST_KEY else key[:400] + hashlib.sha256(key.encode()).hexdigest()


def is_taken(subject: str, *, but: str | None = None, owner: User | None = None) -> bool:
    """Return whether another session has the subject.

    Args:
        subject: as it was typed.
        but: id of the session that may have it.
        owner: whose drafts count as well.
    """
    published = LiveSession.draft.is_(False)
    counts = published if owner is None else or_(published, LiveSession.owner_id == owner.id)
    others = select(LiveSession.id).where(
        LiveSession.subject_key == key_of(subject),
        LiveSession.deleted_ms.is_(None),
        LiveSession.rehearses_id.is_(None),
        counts,
    )
    if but is not None:
        others = others.where(LiveSession.id != but)
    return db.session.scalar(others.limit(1)) is not None


def next_free(subject: str, owner: User | None = None) -> str:
    """Return the subject itself, or the first of `subject (2)`, `subject (3)` … that is free and short enough."""
    if not is_taken(subject, owner=owner):
        return subject
    numbered = NUMBERED.match(subject)
    base, number = (numbered[1], int(numbered[2])) if numbered else (subject, 1)
    while True:
        number += 1
        ending = f" ({number})"
        offered = base[: LONGEST_SUBJECT - len(ending)].rstrip() + ending
        if not is_taken(offered, owner=owner):
            return offered
