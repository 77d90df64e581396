"""What the fragments of a replay are given."""

from __future__ import annotations

from dataclasses import dataclass

from app.accounts.models import User
from app.live.models import LiveSession
from app.live.policies import May, permissions_of
from app.replays import queries
from app.replays.chapters.folding import Moment
from app.replays.chapters.models import LONGEST_TITLE
from app.replays.chapters.queries import edits_of


@dataclass(frozen=True)
class ChaptersView:
    """Chapters and turning points, for one person."""

    moments: list[Moment]
    can_edit: bool
    can_undo: bool
    longest_title: int


def chapters_view(live: LiveSession, user: User | None) -> ChaptersView:
    """Show the chapters to somebody; hidden ones to presenters only."""
    can_edit = May.DIRECT in permissions_of(user, live)
    return ChaptersView(
        moments=queries.moments(live, hidden_too=can_edit),
        can_edit=can_edit,
        can_undo=can_edit and bool(edits_of(live.id)),
        longest_title=LONGEST_TITLE,
    )
