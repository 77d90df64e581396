"""Writes mails into the database. They go out once the transaction that wrote them has succeeded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app
from sqlalchemy import func, insert, select, update

from app.extensions import db
from app.kernel import clock
from app.kernel.unit_of_work import unit_of_work
from app.kernel.web import written_in
from app.mail.models import Mail, MailState


def is_configured() -> bool:
    """Return whether there is a mail server."""
    return bool(current_app.config["SMTP_HOST"])


def pace() -> int:
    """Return the number of mails that go out in a minute."""
    return int(current_app.config["MAIL_PER_MINUTE"])


def compose(
    recipient: str,
    template: str,
    *,
    locale: str = "zh_CN",
    calendar: str = "",
    unsubscribe: str = "",
    bulk: bool = False,
    message_id: str = "",
    reply_to: str = "",
    **about: Any,
) -> dict[str, Any]:
    """Return `templates/emails/<template>.txt`, whose first line is the subject, rendered as a row of the table.

    Args:
        recipient: the address.
        template: name of the template, without its ending.
        locale: the language of the mail.
        calendar: an iCalendar object to attach. Empty means none.
        unsubscribe: address at which one press ends mails of this kind. Empty means that they cannot be ended.
        bulk: many people get the same. Such a mail goes out when no other waits.
        message_id: its name, by which answers refer to it. Empty means any.
        reply_to: the address for answers. Empty means that of the sender.
        about: variables of the template.
    """
    with written_in(locale):
        # not Flask's render_template: the shared variables of pages need a request, and reminders have none
        letter = current_app.jinja_env.get_template(f"emails/{template}.txt").render(**about)
    subject, _newline, text = letter.strip().partition("\n")
    return {
        "recipient": recipient,
        "subject": subject[:200],
        "text": text.strip() + "\n",
        "calendar": calendar,
        "unsubscribe": unsubscribe,
        "bulk": bulk,
        "message_id": message_id,
        "reply_to": reply_to,
    }


def send(recipient: str, template: str, *, locale: str = "zh_CN", **about: Any) -> Mail:
    """Queue a mail within the open transaction. It goes out once that has succeeded."""
    mail = Mail(**compose(recipient, template, locale=locale, **about))
    with unit_of_work():
        db.session.add(mail)
    return mail


def send_all(mails: Sequence[dict[str, Any]]) -> None:
    """Queue the rows that `compose` has returned."""
    if not mails:
        return
    with unit_of_work():
        db.session.execute(insert(Mail), list(mails))


def sent_lately(recipient: str, within_ms: int) -> int:
    """Return the number of mails that were written to an address within the last `within_ms`."""
    lately = Mail.created_ms > clock.now_ms() - within_ms
    return db.session.scalar(select(func.count()).where(Mail.recipient == recipient, lately)) or 0


def try_again(mail_id: int | None = None) -> int:
    """Queue a failed mail once more, or all of them. Return their number."""
    which = [Mail.state == MailState.FAILED, *([Mail.id == mail_id] if mail_id is not None else [])]
    afresh = {"state": MailState.WAITING, "due_ms": clock.now_ms(), "tries": 0, "problem": ""}
    with unit_of_work():
        return len(db.session.execute(update(Mail).where(*which).values(afresh).returning(Mail.id)).all())
