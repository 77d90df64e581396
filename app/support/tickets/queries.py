"""Reads tickets, each as far as the reader may see it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.extensions import db
from app.kernel.errors import NotFound, SignInFirst
from app.kernel.permissions import Permission
from app.roles import policies
from app.roles.policies import Holdings
from app.support.tickets.models import SEEN_BY_ASKER, Attachment, Canned, Ticket, TicketEntry
from app.support.tickets.states import OPEN, TicketState
from app.units import queries as units
from app.units.models import Unit


def for_asker(key: str, viewer: User | None) -> Ticket:
    """Return a ticket to the person who asked.

    Raises:
        NotFound: there is none, or somebody else with an account asked.
        SignInFirst: a person with an account asked, and nobody is signed in.
    """
    ticket = db.session.scalar(select(Ticket).where(Ticket.key == key))
    if ticket is None:
        raise NotFound
    if ticket.user_id is not None:
        if viewer is None:
            raise SignInFirst
        if viewer.id != ticket.user_id:
            raise NotFound
    return ticket


def for_helper(ticket_id: int) -> Ticket:
    """Return a ticket of a unit in which the signed-in person answers tickets.

    Raises:
        SignInFirst, Forbidden, NotFound: as in `policies.unit_for`.
    """
    ticket = db.session.get(Ticket, ticket_id)
    is_there = ticket is not None and ticket.confirmed_ms is not None
    policies.must_cover(Permission.TICKET_ANSWER, ticket.unit.path if ticket and is_there else None)
    assert ticket is not None
    return ticket


def of(user: User) -> Select[Ticket]:
    """Return a person's own tickets, last changed first."""
    return select(Ticket).where(Ticket.user_id == user.id).order_by(Ticket.changed_ms.desc(), Ticket.id.desc())


def history(ticket: Ticket, *, for_asker: bool) -> Sequence[TicketEntry]:
    """Return the entries of a ticket, oldest first. The asker sees neither notes nor who is assigned."""
    wanted = (
        select(TicketEntry)
        .where(TicketEntry.ticket_id == ticket.id)
        .order_by(TicketEntry.id)
        .options(joinedload(TicketEntry.by))
    )
    if for_asker:
        wanted = wanted.where(TicketEntry.kind.in_(SEEN_BY_ASKER))
    return db.session.scalars(wanted.options(joinedload(TicketEntry.by))).all()


def attachment(ticket: Ticket, file_id: int) -> Attachment:
    """Return a file of a ticket. Raises NotFound."""
    wanted = select(Attachment).join(TicketEntry, TicketEntry.id == Attachment.entry_id)
    found = db.session.scalar(wanted.where(Attachment.id == file_id, TicketEntry.ticket_id == ticket.id))
    if found is None:
        raise NotFound
    return found


def in_reach(held: Holdings, me: User, *, q: str, which: str) -> Select[Ticket]:
    """Return the tickets of a helper's units, the most urgent and longest waiting first.

    Args:
        held: her holdings.
        me: herself.
        q: a number, or words of the subject, of the entries, or the asker's name. Empty means all.
        which: `open`, `mine`, `to_confirm`, `solved` or `all`.
    """
    wanted = (
        select(Ticket)
        .join(Unit, Unit.id == Ticket.unit_id)
        .where(held.where(Permission.TICKET_ANSWER), Ticket.confirmed_ms.is_not(None))
        .options(joinedload(Ticket.unit), joinedload(Ticket.assignee))
    )
    if q:
        return wanted.where(_matches(q)).order_by(Ticket.changed_ms.desc(), Ticket.id.desc())
    if which == "all":
        return wanted.order_by(Ticket.changed_ms.desc(), Ticket.id.desc())
    wanted = wanted.where(Ticket.merged_into_id.is_(None))
    if which in {"to_confirm", "solved"}:
        return wanted.where(Ticket.state == TicketState(which)).order_by(Ticket.changed_ms.desc(), Ticket.id.desc())
    wanted = wanted.where(Ticket.state.in_(OPEN))
    if which == "mine":
        wanted = wanted.where(Ticket.assignee_id == me.id)
    elif answers_for_academy(held):
        wanted = wanted.where(or_(Ticket.at_platform, Ticket.assignee_id == me.id))  # institutes' people come first
    return wanted.order_by(Ticket.priority, Ticket.changed_ms, Ticket.id)


def answers_for_academy(held: Holdings) -> bool:
    """Return whether a helper is one of the academy's people."""
    return held.covers(Permission.TICKET_ANSWER, units.academy().path)


def canned_for(unit: Unit) -> Sequence[Canned]:
    """Return the canned answers for tickets of a unit: its own, and those of the units above."""
    above = [int(part) for part in unit.path.strip("/").split("/")]
    return db.session.scalars(select(Canned).where(Canned.unit_id.in_(above)).order_by(Canned.title, Canned.id)).all()


def canned_in_reach(held: Holdings) -> Sequence[Canned]:
    """Return the canned answers that a helper may change."""
    wanted = select(Canned).join(Canned.unit).where(held.where(Permission.TICKET_ANSWER))
    return db.session.scalars(
        wanted.order_by(Unit.path, Canned.title, Canned.id).options(joinedload(Canned.unit))
    ).all()


def canned_answer(canned_id: int) -> Canned:
    """Return a canned answer that the signed-in person may change. Raises as `for_helper`."""
    found = db.session.get(Canned, canned_id)
    policies.must_cover(Permission.TICKET_ANSWER, found.unit.path if found else None)
    assert found is not None
    return found


def merged_into(ticket: Ticket) -> Sequence[Ticket]:
    """Return the tickets whose askers get the answers of this one too."""
    return db.session.scalars(select(Ticket).where(Ticket.merged_into_id == ticket.id).order_by(Ticket.id)).all()


def _matches(q: str) -> ColumnElement[bool]:
    number = q.removeprefix("#")
    if number.isdecimal() and len(number) < 10:
        return Ticket.id == int(number)
    said = exists().where(TicketEntry.ticket_id == Ticket.id, TicketEntry.words.contains(q, autoescape=True))
    return or_(
        Ticket.subject.contains(q, autoescape=True),
        Ticket.name.contains(q, autoescape=True),
        Ticket.email.startswith(q.lower(), autoescape=True),
        said,
    )
