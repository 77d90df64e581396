"""The inbox of answers by mail (IMAP4rev1, RFC 3501): what the asker of a ticket answers becomes an entry of it.

A mail counts if it answers one of ours about the ticket and comes from the asker's address. Programs' mails are left
alone, so that no two of them talk to each other for ever. Mails stay in the inbox, marked as seen.
"""

from __future__ import annotations

import imaplib
import logging
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.extensions import db
from app.kernel import clock
from app.kernel.queue import Job
from app.kernel.text import plain_text
from app.kernel.unit_of_work import lock, unit_of_work
from app.kernel.web import written_in
from app.support.tickets import answers, services
from app.support.tickets.answers import Words
from app.support.tickets.models import LONGEST_WORDS, Ticket, TicketEntry

log = logging.getLogger(__name__)

Read = TypeVar("Read")

EVERY_MS = 60_000
TIMEOUT_S = 15
AT_ONCE = 20
MOST_BYTES = 256 * 1024
"""Part of a mail that is fetched. Its words come first, and files are not taken over, however large."""
MOST_CHARACTERS = LONGEST_WORDS - 300
"""Of an answer. What is left out is said below it."""
MOST_IN_AN_HOUR = 10
"""Answers by mail to one ticket. More of them come from a loop."""
HOUR_MS = 3_600_000


def look_when_due() -> None:
    """Queue a look into the inbox each minute. The clockwork calls it every second."""
    minute = clock.now_ms() // EVERY_MS
    if current_app.config["IMAP_HOST"] and current_app.extensions.get("inbox_minute") != minute:
        current_app.extensions["inbox_minute"] = minute
        look.later()


def _look() -> None:
    """Take the answers that nobody has seen, oldest first. One that fails stays unseen, and keeps no other waiting."""
    try:
        with _server() as server:
            for uid in _unseen(server)[:AT_ONCE]:
                raw = _fetched(server, uid)
                try:
                    _take(raw)
                except Exception:
                    log.exception("a mail in the inbox is not taken")
                    db.session.rollback()
                    continue
                server.uid("STORE", uid, "+FLAGS", r"(\Seen)")
    except (OSError, imaplib.IMAP4.error) as error:
        log.warning("the inbox cannot be read: %s", error)


look = Job(_look)


def _take(raw: bytes) -> None:
    """Make an entry of a mail, or leave it alone."""
    head = _read(answers.head_of, raw)
    ticket = db.session.get(Ticket, head.ticket_id) if head is not None and head.ticket_id is not None else None
    if head is None or head.is_automatic or ticket is None or not _is_askers(ticket, head.sender):
        log.info("a mail of %d bytes in the inbox is no answer of an asker", len(raw))
        return
    words = _read(answers.words_in, raw)
    with unit_of_work():
        lock(ticket)
        if _is_known(head.message_id):
            return
        if _taken_lately(ticket) >= MOST_IN_AN_HOUR:
            log.warning("ticket %d: too many answers by mail, %s is left out", ticket.id, head.message_id)
        elif words is None or not plain_text(words.text):
            services.tell_unread(ticket)
        else:
            services.reply(ticket, _said(words, ticket.language), by=ticket.user, message_id=head.message_id)


def _read(reader: Callable[[bytes], Read], raw: bytes) -> Read | None:
    """Return what a reader finds in a mail. Mails may break the standard library's parser in many ways."""
    try:
        return reader(raw)
    except Exception:
        log.exception("a mail of %d bytes in the inbox cannot be read", len(raw))
        return None


def _is_askers(ticket: Ticket, sender: str) -> bool:
    is_open = ticket.confirmed_ms is not None and (ticket.user is None or ticket.user.closed_ms is None)
    return is_open and bool(sender) and sender == ticket.email.lower()


def _is_known(message_id: str) -> bool:
    return db.session.scalar(select(TicketEntry.id).where(TicketEntry.message_id == message_id)) is not None


def _taken_lately(ticket: Ticket) -> int:
    lately = (TicketEntry.message_id.is_not(None), TicketEntry.at_ms > clock.now_ms() - HOUR_MS)
    return db.session.scalar(select(func.count()).where(TicketEntry.ticket_id == ticket.id, *lately)) or 0


def _said(words: Words, language: str) -> str:
    """Return the words, and below them what of the mail is left out."""
    said = [words.text[:MOST_CHARACTERS]]
    with written_in(language):
        if len(words.text) > MOST_CHARACTERS:
            said.append(_("(The rest of this mail was left out, because it is very long.)"))
        if words.has_files:
            said.append(_("(Files of this mail were not taken over. They can be added on the page.)"))
    return "\n\n".join(said)


def _unseen(server: imaplib.IMAP4) -> list[str]:
    _said, (found, *_rest) = server.uid("SEARCH", "UNSEEN")
    return found.decode().split() if found else []


def _fetched(server: imaplib.IMAP4, uid: str) -> bytes:
    """Return the beginning of a mail. To be fetched does not mark it as seen."""
    _said, parts = server.uid("FETCH", uid, f"(BODY.PEEK[]<0.{MOST_BYTES}>)")
    return next((part[1] for part in parts if isinstance(part, tuple)), b"")


@contextmanager
def _server() -> Iterator[imaplib.IMAP4]:
    config = current_app.config
    trusted = ssl.create_default_context(cafile=config["IMAP_CA_FILE"] or None)
    where = {"host": config["IMAP_HOST"], "port": config["IMAP_PORT"], "timeout": TIMEOUT_S}
    security = config["IMAP_SECURITY"]
    server = imaplib.IMAP4_SSL(**where, ssl_context=trusted) if security == "tls" else imaplib.IMAP4(**where)
    try:
        if security == "starttls":
            server.starttls(trusted)
        server.login(config["IMAP_USER"], config["IMAP_PASSWORD"])
        server.select("INBOX")
        yield server
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            server.logout()
