"""Reading what people watched, and what there was to watch."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from app.credits.counting import programme as _programme
from app.credits.counting.models import Pairs, Watched
from app.credits.counting.stretches import Stretches, length_ms, tidy
from app.extensions import db
from app.live.models import LiveSession


@dataclass(frozen=True)
class Share:
    """What one person watched of a lesson; `on_air` and `replayed` have no moment in common."""

    user_id: int
    came_ms: int
    """When her first report came, epoch ms."""
    on_air: Stretches
    """First watched while the lesson was on air."""
    replayed: Stretches
    """First watched in the replay."""
    muted_ms: int
    hidden_ms: int
    apart_ms: int
    """Parts of it without sound, behind another tab or window, and as picture in picture: facts for an appeal."""

    @property
    def stretches(self) -> Stretches:
        """All that she watched."""
        return tidy([*self.on_air, *self.replayed])

    @property
    def watched_s(self) -> float:
        """Seconds of the programme that she watched."""
        return (length_ms(self.on_air) + length_ms(self.replayed)) / 1000


def shares(live_id: str) -> dict[int, Share]:
    """Return what each person watched of a lesson, by the id of her account."""
    return {row.user_id: _share(row) for row in db.session.scalars(select(Watched).where(Watched.live_id == live_id))}


def share(live_id: str, user_id: int) -> Share | None:
    """Return what one person watched of a lesson; `None` when nothing was ever reported."""
    row = db.session.get(Watched, (live_id, user_id), populate_existing=True)
    return _share(row) if row is not None else None


def shares_of(user_id: int, live_ids: Collection[str]) -> dict[str, Share]:
    """Return what one person watched of several lessons, by their ids, with one query."""
    wanted = select(Watched).where(Watched.user_id == user_id, Watched.live_id.in_(live_ids))
    rows = db.session.scalars(wanted.execution_options(populate_existing=True))
    return {row.live_id: _share(row) for row in rows}


def watched(live_id: str) -> dict[int, Stretches]:
    """Return the stretches of the media clock (epoch ms) that each person watched, by the id of her account."""
    return {user_id: share.stretches for user_id, share in shares(live_id).items()}


def watched_s(live_id: str, user_id: int) -> float:
    """Return the seconds of a lesson's programme that one person watched."""
    wanted = select(Watched.on_air_ms + Watched.replayed_ms)
    found = db.session.scalar(wanted.where(Watched.live_id == live_id, Watched.user_id == user_id))
    return (found or 0) / 1000


def lessons_of(user_id: int) -> list[str]:
    """Name the lessons of which a person watched something, the newest first."""
    wanted = select(Watched.live_id).where(Watched.user_id == user_id, Watched.on_air_ms + Watched.replayed_ms > 0)
    return list(db.session.scalars(wanted.order_by(Watched.seen_ms.desc())))


def programme(live: LiveSession) -> Stretches:
    """Return what a lesson had to watch until now, epoch ms: what was on air, less the gaps without media."""
    return _programme.programme(live)


def programmes(lives: Collection[LiveSession]) -> dict[str, Stretches]:
    """Return the same of several lessons, by their ids."""
    return _programme.programmes(lives)


def programme_s(live: LiveSession) -> float:
    """Return the length of a lesson's programme until now in seconds."""
    return length_ms(programme(live)) / 1000


def _share(row: Watched) -> Share:
    on_air, replayed = _stretches(row.on_air), _stretches(row.replayed)
    return Share(row.user_id, row.came_ms, on_air, replayed, row.muted_ms, row.hidden_ms, row.apart_ms)


def _stretches(pairs: Pairs) -> Stretches:
    return [(one[0], one[1]) for one in pairs]
