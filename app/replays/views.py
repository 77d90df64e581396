"""View models of the fragments of a replay."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.accounts.models import User
from app.live.models import LiveSession
from app.live.policies import May, permissions_of
from app.replays import queries
from app.replays.chapters.folding import Moment
from app.replays.chapters.models import LONGEST_TITLE
from app.replays.chapters.queries import edits_of
from app.replays.cutting.queries import Cuts, cuts_of


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
    moments = queries.moments(live, hidden_too=can_edit)
    return ChaptersView(
        moments=moments if can_edit else _kept(moments, cuts_of(live.id), names=live.replay_names),
        can_edit=can_edit,
        can_undo=can_edit and bool(edits_of(live.id)),
        longest_title=LONGEST_TITLE,
    )


def _kept(moments: list[Moment], cuts: Cuts, *, names: bool) -> list[Moment]:
    """Leave out what happened in cuts, and without `names` who spoke.

    The chapter whose page still stands behind a cut begins there.
    """
    kept: list[Moment] = []
    standing: dict[int, Moment] = {}
    for moment in moments:
        end_ms = cuts.end_of(moment.at_ms)
        if moment.names and not names:
            continue
        if end_ms is None:
            kept.append(moment)
        elif moment.is_chapter:
            standing[end_ms] = replace(moment, at_ms=end_ms)
    return sorted([*kept, *standing.values()], key=lambda moment: moment.at_ms)
