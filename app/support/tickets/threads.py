"""Marks in the headers of mails about tickets, by which an answer finds its ticket (RFC 5322, 3.6.4).

A mail's Message-ID names the ticket and is signed, and mail programs repeat it in the answer. A subject could be
guessed.
"""

from __future__ import annotations

import re

from flask import current_app
from itsdangerous import Signer

from app.kernel.ids import new_id
from app.support.tickets.models import Ticket

NAMED = re.compile(r"<ticket\.(\d{1,9})\.([0-9a-z]{1,32})\.([\w-]{20,60})@")


def headers_for(ticket: Ticket) -> dict[str, str]:
    """Return `message_id` and `reply_to` of a mail to the asker. Without an inbox there are none."""
    inbox: str = current_app.config["IMAP_ADDRESS"]
    if not current_app.config["IMAP_HOST"]:
        return {}
    named = f"{ticket.id}.{new_id()}"
    domain = inbox.rpartition("@")[2]
    return {"message_id": f"<ticket.{named}.{_signature(named)}@{domain}>", "reply_to": inbox}


def ticket_named_in(references: str) -> int | None:
    """Return the number of the ticket whose mail is answered, the last one named. `None` means that there is none."""
    for number, nonce, signature in reversed(NAMED.findall(references)):
        if _signer().verify_signature(f"{number}.{nonce}", signature):
            return int(number)
    return None


def _signature(named: str) -> str:
    return _signer().get_signature(named).decode()


def _signer() -> Signer:
    return Signer(current_app.secret_key or "", salt="ticket-mail")
