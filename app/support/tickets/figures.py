"""Figures for managers: how many asked, how long they waited, how content they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from sqlalchemy import select

from app.extensions import db
from app.kernel.permissions import Permission
from app.roles.policies import Holdings
from app.support.tickets.models import Ticket
from app.units.models import Unit

MOST_COUNTED = 20_000
"""Maximum tickets behind the figures of a page, the newest ones."""


@dataclass(frozen=True)
class Figures:
    """Figures of a unit's tickets, or of all together."""

    name: str
    asked: int
    solved: int
    first_answer_ms: int | None
    """Median. `None` means that none was answered."""
    solution_ms: int | None
    rating: float | None
    """Mean of 1 to 5."""
    rated: int


def since(held: Holdings, from_ms: int) -> tuple[Figures, list[Figures]]:
    """Return the figures of the tickets asked since a moment: of all in a helper's reach, and of each unit."""
    rows = db.session.execute(
        select(Unit.name, Ticket.opened_ms, Ticket.answered_ms, Ticket.solved_ms, Ticket.rating)
        .join(Unit, Unit.id == Ticket.unit_id)
        .where(held.where(Permission.TICKET_ANSWER), Ticket.confirmed_ms.is_not(None), Ticket.opened_ms >= from_ms)
        .order_by(Ticket.id.desc())
        .limit(MOST_COUNTED)
    ).all()
    by_unit: dict[str, list[tuple[int, int | None, int | None, int | None]]] = {}
    for name, *times in rows:
        by_unit.setdefault(name, []).append(tuple(times))  # type: ignore[arg-type]
    of_each = [_figures(name, times) for name, times in sorted(by_unit.items())]
    return _figures("", [one for times in by_unit.values() for one in times]), of_each


def _figures(name: str, times: Sequence[tuple[int, int | None, int | None, int | None]]) -> Figures:
    answered = [first - opened for opened, first, _solved, _rating in times if first is not None]
    solved = [end - opened for opened, _first, end, _rating in times if end is not None]
    ratings = [rating for *_times, rating in times if rating is not None]
    return Figures(
        name=name,
        asked=len(times),
        solved=len(solved),
        first_answer_ms=int(median(answered)) if answered else None,
        solution_ms=int(median(solved)) if solved else None,
        rating=sum(ratings) / len(ratings) if ratings else None,
        rated=len(ratings),
    )
