"""Tickets: each lets one tab of one presenter's browser send into one stream, once, within moments.

Each ticket is a row with an unguessable name. So the database decides whether a ticket was used, and two workers that
are shown the same one let in only one sender.
"""

from __future__ import annotations

from sqlalchemy import delete, update

from app.extensions import db
from app.kernel import clock
from app.kernel.unit_of_work import lock, unit_of_work
from app.media import queries
from app.media.errors import MediaRefusal, SomebodySends, StreamOver
from app.media.models import Stream, Ticket
from media_worker.contract import PublishRequest, RefusalCode

GOOD_FOR_MS = 30_000
"""Life of a ticket, long enough for a slow line and too short to be passed on."""

KEPT_MS = 3_600_000
"""Time for which the reason for a refusal can be told."""


def issue(stream: Stream, *, user_id: int, name: str, sender: str, left: str = "", take_over: bool = False) -> Ticket:
    """Return a ticket that lets the tab `sender` of a person send into the stream.

    Args:
        stream: the stream.
        user_id: owner of the browser.
        name: name of the sender for others.
        sender: name that the tab gave itself. The present sender may come again, because its line broke.
        left: name of a tab of the same browser that was closed or loaded anew. It may still look as if it sent.
        take_over: replace the present sender.

    Raises:
        StreamOver: the stream has ended.
        SomebodySends: there is another sender, which has not left, and `take_over` is not set.
    """
    with unit_of_work():
        lock(stream)
        if stream.ended:
            raise StreamOver
        now, present = clock.now_ms(), queries.sending(stream)
        if present is not None and stream.sender not in {sender, left or sender} and not take_over:
            raise SomebodySends(present)
        db.session.execute(delete(Ticket).where(Ticket.stream_id == stream.id, Ticket.expires_ms < now - KEPT_MS))
        ticket = Ticket(
            stream_id=stream.id, user_id=user_id, name=name, sender=sender, run=stream.run,
            expires_ms=now + GOOD_FOR_MS,
        )  # fmt: skip
        db.session.add(ticket)
    return ticket


def burn(request: PublishRequest) -> tuple[Stream, Ticket]:
    """Burn a ticket. Return it with its stream, locked. Call it within a unit of work.

    Raises:
        MediaRefusal: this tab has no such ticket, or the ticket was used, is too old, or was overtaken.
    """
    now = clock.now_ms()
    fresh = (Ticket.id == request.key, Ticket.sender == request.sender, Ticket.used_ms.is_(None))
    claimed = db.session.execute(update(Ticket).where(*fresh, Ticket.expires_ms > now).values(used_ms=now))
    ticket = db.session.get(Ticket, request.key, populate_existing=True)
    if ticket is None or ticket.sender != request.sender:
        raise MediaRefusal(RefusalCode.TICKET_UNKNOWN, "This ticket was not issued to this page.")
    if claimed.rowcount != 1:  # type: ignore[attr-defined]  # every UPDATE has a rowcount
        if ticket.used_ms is not None:
            raise MediaRefusal(RefusalCode.TICKET_USED, "This ticket was used before.")
        raise MediaRefusal(RefusalCode.TICKET_EXPIRED, "This ticket is too old.")
    stream = queries.stream(ticket.stream_id)
    lock(stream)
    if stream.run != ticket.run:
        raise MediaRefusal(RefusalCode.TAKEN_OVER, "Somebody else began to send a moment before.")
    return stream, ticket
