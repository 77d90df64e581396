"""The states of a ticket, and the one function that leads from one to the next."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.kernel.errors import Conflict


class TicketState(StrEnum):
    """State of a ticket. Values are stored."""

    WAITING = "waiting"
    """待受理."""
    WORKING = "working"
    """处理中."""
    TO_CONFIRM = "to_confirm"
    """待用户确认."""
    SOLVED = "solved"
    """已解决."""
    REOPENED = "reopened"
    """重新打开."""


STATE_NAMES = {
    TicketState.WAITING: _l("To be taken"),
    TicketState.WORKING: _l("In progress"),
    TicketState.TO_CONFIRM: _l("To be confirmed"),
    TicketState.SOLVED: _l("Solved"),
    TicketState.REOPENED: _l("Opened again"),
}

OPEN = (TicketState.WAITING, TicketState.REOPENED, TicketState.WORKING)
"""States in which those who help have the next step."""


class Verb(StrEnum):
    """A deed that may change the state."""

    TAKE = "take"
    ANSWER = "answer"
    """An answer that leaves something to do."""
    SOLVE = "solve"
    """An answer that asks for a confirmation."""
    CONFIRM = "confirm"
    """The asker says that it is solved."""
    REPLY = "reply"
    """The asker writes."""
    LAPSE = "lapse"
    """The asker has said nothing for a week."""


class NotNow(Conflict):
    """The state of the ticket does not allow the deed."""

    code = "ticket.not_now"
    message = _l("This ticket is solved.")
    mend = _l("Whoever asked opens it again by writing a reply.")


def after(state: TicketState, verb: Verb) -> TicketState:
    """Return the state to which a deed leads.

    Raises:
        NotNow: the ticket is solved, and those who help do something about it.
    """
    if verb is Verb.REPLY:
        over = state in {TicketState.TO_CONFIRM, TicketState.SOLVED}
        return TicketState.REOPENED if over else state
    if verb is Verb.CONFIRM:
        return TicketState.SOLVED
    if verb is Verb.LAPSE:
        return TicketState.SOLVED if state is TicketState.TO_CONFIRM else state
    if state is TicketState.SOLVED:
        raise NotNow
    return TicketState.TO_CONFIRM if verb is Verb.SOLVE else TicketState.WORKING
