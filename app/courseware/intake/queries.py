"""Reading recordings on their way in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from app.accounts.models import User
from app.courseware.intake.errors import NoSuchIntake
from app.courseware.intake.models import OPEN, UNFINISHED, Intake, IntakeState
from app.extensions import db
from app.live.models import LiveSession
from app.media.models import IMPORTED, Stream

DAY_MS = 86_400_000
KEPT_MS = {
    IntakeState.UPLOADING: 2 * DAY_MS,
    IntakeState.ASKING: 7 * DAY_MS,
    IntakeState.FAILED: 7 * DAY_MS,
    IntakeState.DONE: 7 * DAY_MS,
}
"""Time without a change after which an intake and its files are removed."""


def intakes_of(user: User) -> Sequence[Intake]:
    """Return what a person has brought, the newest first."""
    wanted = select(Intake).where(Intake.by_id == user.id).order_by(Intake.created_ms.desc(), Intake.id)
    return db.session.scalars(wanted).all()


def intake_of(user: User, intake_id: str) -> Intake:
    """Return an intake of a person.

    Raises:
        NoSuchIntake: there is none, or it is somebody else's.
    """
    found = db.session.get(Intake, intake_id)
    if found is None or found.by_id != user.id:
        raise NoSuchIntake
    return found


def open_of(user: User) -> int:
    """Count what of a person is on its way."""
    wanted = select(func.count()).select_from(Intake).where(Intake.by_id == user.id, Intake.state.in_(OPEN))
    return db.session.scalar(wanted) or 0


def bytes_of_unit(unit_id: int) -> int:
    """Return the bytes of all imported recordings of a unit, with those that its people have on their way."""
    stored = select(func.coalesce(func.sum(Stream.kept_bytes), 0)).join(LiveSession, LiveSession.stream_id == Stream.id)
    stored = stored.where(LiveSession.unit_id == unit_id, Stream.way == IMPORTED)
    coming = select(func.coalesce(func.sum(Intake.size_bytes + Intake.slides_bytes), 0)).join(User)
    coming = coming.where(User.unit_id == unit_id, Intake.state != IntakeState.DONE)
    return int(db.session.scalar(stored) or 0) + int(db.session.scalar(coming) or 0)


def next_to_make() -> str | None:
    """Name the intake that has waited longest; one that runs was left by a process that is gone."""
    wanted = select(Intake.id).where(Intake.state.in_(UNFINISHED))
    return db.session.scalar(wanted.order_by(Intake.changed_ms, Intake.id).limit(1))


def too_old(now_ms: int) -> Sequence[Intake]:
    """Return the intakes whose time is over."""
    return [
        one
        for state, kept_ms in KEPT_MS.items()
        for one in db.session.scalars(select(Intake).where(Intake.state == state, Intake.changed_ms < now_ms - kept_ms))
    ]


def known_ids() -> set[str]:
    """Return the ids of all intakes."""
    return set(db.session.scalars(select(Intake.id)))
