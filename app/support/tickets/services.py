"""Tickets change here: asked, taken, answered, handed over, merged, solved, opened again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.extensions import db
from app.kernel import clock, web
from app.kernel.permissions import Permission
from app.kernel.text import plain_text
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.models import LiveSession
from app.mail import services as mail
from app.roles import policies
from app.roles import queries as roles
from app.support.tickets import files, threads
from app.support.tickets.errors import CannotMerge, NothingSaid, NotTheirs
from app.support.tickets.models import LONGEST_WORDS, Attachment, EntryKind, Priority, Ticket, TicketEntry
from app.support.tickets.states import OPEN, TicketState, Verb, after
from app.units import queries as units
from app.units.models import Unit

MOST_TOLD = 5
"""Maximum number of people who get a mail about a new ticket."""
LAPSES_AFTER_MS = 7 * 86_400_000
"""Silence of the asker after which a solution counts as confirmed."""
HOUR_MS = 3_600_000
MOST_MAILS_BACK = 5
"""Mails in an hour to one address, above which nothing is written back to a mail without words."""
UNCONFIRMED_MS = 2 * 86_400_000
"""Time for the link that confirms an address. The question is removed after it."""


@dataclass(frozen=True)
class Question:
    """A question of a person."""

    subject: str
    words: str
    name: str = ""
    email: str = ""
    page: str = ""
    browser: str = ""
    facts: str = ""
    live: LiveSession | None = None
    files: Sequence[Attachment] = field(default=())
    key: str = ""
    """Name of the folder in which the files lie already."""


def ask(question: Question, *, by: User | None) -> Ticket:
    """Open a ticket. A stranger's waits until she opens the link in the mail that she gets."""
    with unit_of_work():
        unit = units.home_of(by.unit) if by else units.academy()
        now_ms = clock.now_ms()
        ticket = Ticket(
            **({"key": question.key} if question.key else {}),
            user_id=by.id if by else None,
            name=by.real_name if by else question.name,
            email=(by.email or "") if by else question.email.lower(),
            unit_id=unit.id,
            at_platform=unit.parent_id is None or not _has_people_of_its_own(unit, by),
            live_id=question.live.id if question.live else None,
            subject=question.subject,
            language=web.language(),
            page=question.page[:300],
            browser=question.browser[:300],
            facts=question.facts,
            opened_ms=now_ms,
            changed_ms=now_ms,
            confirmed_ms=now_ms if by else None,
        )
        db.session.add(ticket)
        db.session.flush()
        _note(ticket, EntryKind.ASKED, by=by, by_asker=True, words=_said(question.words), files=question.files)
        if by is not None:
            _tell_helpers(ticket, "ticket_new", words=question.words)
        else:
            _tell_asker(ticket, "ticket_confirm")
    return ticket


def confirm_address(ticket: Ticket) -> None:
    """Hand a stranger's question on, now that she has opened the link in her mail."""
    with unit_of_work():
        lock(ticket)
        if ticket.confirmed_ms is not None:
            return
        ticket.confirmed_ms = ticket.opened_ms = ticket.changed_ms = clock.now_ms()
        first = db.session.scalars(
            select(TicketEntry).where(TicketEntry.ticket_id == ticket.id).order_by(TicketEntry.id)
        ).first()
        _tell_helpers(ticket, "ticket_new", words=first.words if first else "")


def reply(
    ticket: Ticket, words: str, *, by: User | None, files: Sequence[Attachment] = (), message_id: str | None = None
) -> None:
    """Write to those who help. A ticket that was solved is open again."""
    said = _said(words)
    with unit_of_work():
        lock(ticket)
        _note(ticket, EntryKind.ASKED, by=by, by_asker=True, words=said, files=files, message_id=message_id)
        if ticket.merged_into_id is not None:
            ticket.merged_into_id = None  # it goes its own way again
        _move(ticket, Verb.REPLY, by=by)
        _tell_helpers(ticket, "ticket_reply", words=said)


def tell_unread(ticket: Ticket) -> None:
    """Write to the asker that her mail had no words, unless she has got much mail in the last hour."""
    if mail.sent_lately(ticket.email, HOUR_MS) < MOST_MAILS_BACK:
        _tell_asker(ticket, "ticket_unread")


def confirm_solution(ticket: Ticket, *, by: User | None) -> None:
    """Mark the question as solved, by its asker."""
    with unit_of_work():
        lock(ticket)
        _move(ticket, Verb.CONFIRM, by=by)


def rate(ticket: Ticket, rating: int, *, by: User | None) -> None:
    """Rate the help, 1 to 5."""
    with unit_of_work():
        lock(ticket)
        ticket.rating = rating
        _note(ticket, EntryKind.RATED, by=by, by_asker=True, about=str(rating))


def take(ticket: Ticket, *, by: User) -> None:
    """Take a ticket in hand. Raises NotNow."""
    with unit_of_work():
        lock(ticket)
        _move(ticket, Verb.TAKE, by=by)
        _assign(ticket, by, by=by)


def answer(ticket: Ticket, words: str, *, solves: bool, by: User) -> None:
    """Answer, and perhaps ask for a confirmation. Askers of tickets that were merged into this one get it too.

    Raises:
        NothingSaid: there are no words.
        NotNow: the ticket is solved.
    """
    said = _said(words)
    with unit_of_work():
        merged = db.session.scalars(select(Ticket).where(Ticket.merged_into_id == ticket.id).order_by(Ticket.id))
        for one in (ticket, *merged):
            lock(one)
            if one is not ticket and one.state is TicketState.SOLVED:
                continue
            _note(one, EntryKind.ANSWERED, by=by, words=said)
            one.answered_ms = one.answered_ms or clock.now_ms()
            _move(one, Verb.SOLVE if solves else Verb.ANSWER, by=by)
            if one.assignee_id is None:
                _assign(one, by, by=by)
            _tell_asker(one, "ticket_answered", words=said, solves=solves, by=by.real_name)


def note(ticket: Ticket, words: str, *, by: User) -> None:
    """Write an internal note, which the asker does not see."""
    with unit_of_work():
        _note(ticket, EntryKind.NOTE, by=by, words=_said(words))


def assign(ticket: Ticket, to: User | None, *, by: User) -> None:
    """Name the person who answers. Raises NotTheirs."""
    if to is not None and not policies.holdings_now(to).covers(Permission.TICKET_ANSWER, ticket.unit.path):
        raise NotTheirs
    with unit_of_work():
        lock(ticket)
        _assign(ticket, to, by=by)
        if to is not None and to.id != by.id and to.email:
            _mail(to, ticket, "ticket_assigned", words="")


def rank(ticket: Ticket, priority: Priority, *, by: User) -> None:
    """Set the urgency."""
    with unit_of_work():
        lock(ticket)
        if ticket.priority is not priority:
            ticket.priority = priority
            _note(ticket, EntryKind.RANKED, by=by, about=priority)


def hand_over(ticket: Ticket, *, to_platform: bool, by: User) -> None:
    """Hand a ticket over to the academy's people, or back to those of the institute."""
    with unit_of_work():
        lock(ticket)
        if ticket.at_platform is to_platform:
            return
        ticket.at_platform, ticket.assignee_id = to_platform, None
        ticket.changed_ms = clock.now_ms()
        _note(ticket, EntryKind.HANDED_OVER, by=by, about="platform" if to_platform else "institute")
        audit.record(
            Action.TICKET_HANDED_OVER, by_id=by.id, unit_id=ticket.unit_id, what=f"#{ticket.id}", platform=to_platform
        )
        _tell_helpers(ticket, "ticket_handed_over", words="")


def merge(ticket: Ticket, into: Ticket | None, *, by: User) -> None:
    """Merge a ticket into another one about the same thing: answers there reach both askers.

    Raises:
        CannotMerge: it is the same ticket, or the other one is merged itself or out of the reach of `by`.
    """
    held = policies.holdings_now(by)
    if into is None or into.id == ticket.id or not held.covers(Permission.TICKET_ANSWER, into.unit.path):
        raise CannotMerge
    with unit_of_work():
        lock(ticket)
        lock(into)
        if into.merged_into_id is not None or into.confirmed_ms is None or into.state is TicketState.SOLVED:
            raise CannotMerge
        for one in (ticket, *db.session.scalars(select(Ticket).where(Ticket.merged_into_id == ticket.id))):
            one.merged_into_id = into.id
        _note(ticket, EntryKind.MERGED, by=by, about=f"#{into.id}")
        _note(into, EntryKind.MERGED, by=by, about=f"#{ticket.id}")
        audit.record(Action.TICKET_MERGED, by_id=by.id, unit_id=ticket.unit_id, what=f"#{ticket.id}", into=into.id)


def let_lapse() -> None:
    """Take solutions as confirmed after a week, and remove questions of unconfirmed addresses, every hour."""
    now_ms = clock.now_ms()
    silent = (Ticket.state == TicketState.TO_CONFIRM, Ticket.changed_ms < now_ms - LAPSES_AFTER_MS)
    for ticket in db.session.scalars(select(Ticket).where(*silent)).all():
        with unit_of_work():
            lock(ticket)
            _move(ticket, Verb.LAPSE, by=None)
    unread = (Ticket.confirmed_ms.is_(None), Ticket.opened_ms < now_ms - UNCONFIRMED_MS)
    for ticket in db.session.scalars(select(Ticket).where(*unread)).all():
        with unit_of_work() as after_commit:
            key = ticket.key
            for entry in db.session.scalars(select(TicketEntry).where(TicketEntry.ticket_id == ticket.id)):
                for one in entry.files:
                    db.session.delete(one)
                db.session.flush()
                db.session.delete(entry)
            db.session.flush()
            db.session.delete(ticket)
            after_commit(lambda key=key: files.drop_all(key))  # type: ignore[misc]


def helpers(ticket: Ticket) -> list[User]:
    """Return those who answer a ticket first: of the nearest unit above the asker, or the academy's people."""
    top = units.academy()
    if ticket.at_platform:
        return roles.nearest_holders(Permission.TICKET_ANSWER, top, besides=ticket.user_id)
    near = roles.nearest_holders(Permission.TICKET_ANSWER, ticket.unit, besides=ticket.user_id)
    held = policies.holdings_of_several([one.id for one in near])
    own = [one for one in near if not held[one.id].covers(Permission.TICKET_ANSWER, top.path)]
    return own or near


def _has_people_of_its_own(unit: Unit, asker: User | None) -> bool:
    """Return whether anybody but the asker herself answers tickets there, and is not one of the academy's people."""
    people = roles.nearest_holders(Permission.TICKET_ANSWER, unit, besides=asker.id if asker else None)
    held = policies.holdings_of_several([one.id for one in people])
    return any(not one.covers(Permission.TICKET_ANSWER, units.academy().path) for one in held.values())


def _said(words: str) -> str:
    said = (plain_text(words) or "")[:LONGEST_WORDS]
    if not said:
        raise NothingSaid
    return said


def _move(ticket: Ticket, verb: Verb, *, by: User | None) -> None:
    before, now_ms = ticket.state, clock.now_ms()
    ticket.state, ticket.changed_ms = after(before, verb), now_ms
    if ticket.state is TicketState.SOLVED:
        ticket.solved_ms = now_ms
    elif before is TicketState.SOLVED:
        ticket.rating = ticket.solved_ms = None
    if ticket.state is not before:
        asks = verb in {Verb.CONFIRM, Verb.REPLY}
        _note(ticket, EntryKind.STATE, by=by, by_asker=asks, about=ticket.state)


def _assign(ticket: Ticket, to: User | None, *, by: User) -> None:
    if ticket.assignee_id != (to.id if to else None):
        ticket.assignee_id = to.id if to else None
        _note(ticket, EntryKind.ASSIGNED, by=by, about=to.real_name if to else "")


def _note(ticket: Ticket, kind: EntryKind, *, by: User | None, files: Sequence[Attachment] = (), **more: Any) -> None:
    entry = TicketEntry(ticket_id=ticket.id, kind=kind, by_id=by.id if by else None, at_ms=clock.now_ms(), **more)
    entry.files = list(files)
    db.session.add(entry)
    db.session.flush()


def _tell_helpers(ticket: Ticket, template: str, *, words: str) -> None:
    """Write to the assignee, or to those who answer first."""
    told = [ticket.assignee] if ticket.assignee is not None else helpers(ticket)[:MOST_TOLD]
    for one in told:
        if one.email and one.closed_ms is None and ticket.state in OPEN:
            _mail(one, ticket, template, words=words)


def _mail(to: User, ticket: Ticket, template: str, *, words: str) -> None:
    mail.send(
        to.email or "",
        template,
        name=to.real_name,
        who=ticket.name,
        number=ticket.id,
        subject=ticket.subject,
        words=words,
        link=web.absolute("ticket_desk.show", ticket_id=ticket.id),
    )


def _tell_asker(ticket: Ticket, template: str, **more: Any) -> None:
    if not ticket.email or (ticket.user is not None and ticket.user.closed_ms is not None):
        return
    headers = threads.headers_for(ticket) if ticket.confirmed_ms is not None else {}
    mail.send(
        ticket.email,
        template,
        locale=ticket.language,
        name=ticket.name,
        number=ticket.id,
        subject=ticket.subject,
        link=web.absolute("tickets.show", key=ticket.key),
        **headers,
        by_mail="reply_to" in headers,
        **more,
    )
