"""View models of tickets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from markupsafe import Markup

from app.kernel.markdown import as_lines
from app.support.tickets.models import PRIORITY_NAMES, Attachment, EntryKind, Priority, Ticket, TicketEntry
from app.support.tickets.states import STATE_NAMES, TicketState

MOODS = {
    TicketState.WAITING: "warn",
    TicketState.REOPENED: "bad",
    TicketState.WORKING: "",
    TicketState.TO_CONFIRM: "warn",
    TicketState.SOLVED: "good",
}
"""Colour of a state's chip."""


@dataclass(frozen=True)
class EntryView:
    """A step of the history."""

    at_ms: int
    who: str
    side: str
    """`asker`, `helper`, `note`, or `step` for a line without words."""
    html: Markup
    files: Sequence[tuple[Attachment, str]]
    """With the address of each."""


@dataclass(frozen=True)
class TicketView:
    """A ticket in a list, or at the top of its page."""

    id: int
    key: str
    subject: str
    who: str
    unit: str
    state: TicketState
    state_name: str
    mood: str
    priority: str
    is_urgent: bool
    assignee: str
    opened_ms: int
    changed_ms: int
    at_platform: bool


def ticket_view(ticket: Ticket) -> TicketView:
    """Return a ticket as lists show it."""
    return TicketView(
        id=ticket.id,
        key=ticket.key,
        subject=ticket.subject,
        who=ticket.name,
        unit=ticket.unit.name,
        state=ticket.state,
        state_name=str(STATE_NAMES[ticket.state]),
        mood=MOODS[ticket.state],
        priority=str(PRIORITY_NAMES[ticket.priority]),
        is_urgent=ticket.priority is Priority.URGENT,
        assignee=ticket.assignee.real_name if ticket.assignee else "",
        opened_ms=ticket.opened_ms,
        changed_ms=ticket.changed_ms,
        at_platform=ticket.at_platform,
    )


def entry_views(ticket: Ticket, entries: Sequence[TicketEntry], address: Callable[[int], str]) -> list[EntryView]:
    """Return the history. `address` returns the address of a file by its id."""
    return [_entry_view(ticket, one, address) for one in entries]


def _entry_view(ticket: Ticket, entry: TicketEntry, address: Callable[[int], str]) -> EntryView:
    who = ticket.name if entry.by_asker else entry.by.real_name if entry.by else str(_("The service"))
    sides = {EntryKind.ASKED: "asker", EntryKind.ANSWERED: "helper", EntryKind.NOTE: "note"}
    side = sides.get(entry.kind, "step")
    took_it = entry.kind is EntryKind.ASSIGNED and entry.about == who  # the step names her already
    return EntryView(
        at_ms=entry.at_ms,
        who="" if took_it else who,
        side=side,
        html=as_lines(entry.words) if side != "step" else Markup.escape(_step(entry)),
        files=[(one, address(one.id)) for one in entry.files],
    )


def _step(entry: TicketEntry) -> str:
    """Return the words for a step that says nothing itself."""
    about = entry.about
    match entry.kind:
        case EntryKind.STATE:
            return str(_("State: %(state)s", state=STATE_NAMES[TicketState(about)]))
        case EntryKind.ASSIGNED:
            return str(_("Answered by: %(name)s", name=about) if about else _("Answered by nobody yet"))
        case EntryKind.RANKED:
            return str(_("Priority: %(priority)s", priority=PRIORITY_NAMES[Priority(about)]))
        case EntryKind.HANDED_OVER:
            if about == "platform":
                return str(_("Handed over to the platform team"))
            return str(_("Handed back to the institute"))
        case EntryKind.MERGED:
            return str(_("Merged with %(number)s", number=about))
        case _:
            return str(_("Rated %(number)s of 5", number=about))
