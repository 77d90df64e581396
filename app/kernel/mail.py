"""Mail: written into the database with what it is about, delivered by the jobs process, at a pace that servers accept.

Without a mail server it waits, and administrators read it in the outbox.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from enum import StrEnum
from typing import Any

from flask import Flask, current_app
from flask_babel import force_locale
from sqlalchemy import BigInteger, Enum, Index, String, Text, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, db
from app.kernel import clock
from app.kernel.clockwork import clockwork
from app.kernel.columns import values_of
from app.kernel.queue import Job
from app.kernel.unit_of_work import unit_of_work

log = logging.getLogger(__name__)

TIMEOUT_S = 15
CLAIMED_MS = 120_000
"""A mail in delivery is not looked at by others for so long; then whoever had it is dead."""
AGAIN_AFTER_MINUTES = (1, 5, 15, 60, 240)
KEPT_DAYS = 30


class MailState(StrEnum):
    """How far a mail has come."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Mail(Base):
    """A mail to one person. Its text is forgotten once it is sent: it may hold a link that opens an account."""

    __tablename__ = "mail"
    __table_args__ = (Index("ix_mail_state_due", "state", "due_ms"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[MailState] = mapped_column(
        Enum(MailState, native_enum=False, length=16, values_callable=values_of), default=MailState.WAITING
    )
    created_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    due_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms, comment="not before; later after a failure")
    tries: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(String(300), default="")


def register(app: Flask) -> None:
    """Bind the job that delivers, and look every second whether there is something to deliver."""
    deliver.bind(app)
    clockwork.every_second(send_due)
    clockwork.every_hour(forget_old)


def is_configured() -> bool:
    """Say whether there is a mail server."""
    return bool(current_app.config["SMTP_HOST"])


def compose(recipient: str, template: str, *, locale: str = "zh_CN", **about: Any) -> dict[str, Any]:
    """Render `templates/emails/<template>.txt`, whose first line is the subject, as a row of the table."""
    with force_locale(locale):
        # not Flask's render_template: what pages share needs a request, and reminders have none
        letter = current_app.jinja_env.get_template(f"emails/{template}.txt").render(**about)
    subject, _newline, text = letter.strip().partition("\n")
    return {"recipient": recipient, "subject": subject[:200], "text": text.strip() + "\n"}


def send(recipient: str, template: str, *, locale: str = "zh_CN", **about: Any) -> None:
    """Queue a mail, within the transaction that is open: it goes out when that has succeeded."""
    send_all([compose(recipient, template, locale=locale, **about)])


def send_all(mails: Sequence[dict[str, Any]]) -> None:
    """Queue mails that `compose` has made."""
    if not mails:
        return
    with unit_of_work():
        db.session.execute(insert(Mail), list(mails))


def send_due() -> None:
    """Claim what is due, as much as goes in a second, and have it delivered. Called by the clockwork."""
    if not is_configured():
        return
    now = clock.now_ms()
    most = max(1, current_app.config["MAIL_PER_MINUTE"] // 60)
    due = select(Mail.id).where(Mail.state == MailState.WAITING, Mail.due_ms <= now).order_by(Mail.due_ms).limit(most)
    claimed = [mail_id for mail_id in db.session.scalars(due).all() if _claim(mail_id, now)]
    if claimed:
        deliver.later(claimed)


def try_again(mail: Mail) -> None:
    """Send a failed mail once more."""
    with unit_of_work():
        mail.state, mail.due_ms, mail.tries, mail.problem = MailState.WAITING, clock.now_ms(), 0, ""


def forget_old() -> None:
    """Remove what has lain for a month. Called by the clockwork."""
    with unit_of_work():
        db.session.execute(delete(Mail).where(Mail.created_ms < clock.now_ms() - KEPT_DAYS * 86_400_000))


def _claim(mail_id: int, now: int) -> bool:
    with unit_of_work():
        mine = update(Mail).where(Mail.id == mail_id, Mail.state == MailState.WAITING, Mail.due_ms <= now)
        later = mine.values(due_ms=now + CLAIMED_MS, tries=Mail.tries + 1).returning(Mail.id)
        claimed = db.session.execute(later).all()
    return bool(claimed)


def _deliver(mail_ids: list[int]) -> None:
    """Deliver claimed mails over one connection, and note how each fared."""
    mails = db.session.scalars(select(Mail).where(Mail.id.in_(mail_ids), Mail.state == MailState.WAITING)).all()
    try:
        with _server() as server:
            for mail in mails:
                _hand_over(server, mail)
    except (OSError, smtplib.SMTPException) as error:
        for mail in mails:
            if mail.state is MailState.WAITING:
                _note_failure(mail, error)


deliver = Job(_deliver)


@contextmanager
def _server() -> Iterator[smtplib.SMTP]:
    config = current_app.config
    where = {"host": config["SMTP_HOST"], "port": config["SMTP_PORT"], "timeout": TIMEOUT_S}
    trusted = ssl.create_default_context(cafile=config["SMTP_CA_FILE"] or None)
    security = config["SMTP_SECURITY"]
    opened = smtplib.SMTP_SSL(**where, context=trusted) if security == "tls" else smtplib.SMTP(**where)
    with opened as server:
        if security == "starttls":
            server.starttls(context=trusted)
        if config["SMTP_USER"]:
            server.login(config["SMTP_USER"], config["SMTP_PASSWORD"])
        yield server


def _hand_over(server: smtplib.SMTP, mail: Mail) -> None:
    try:
        server.send_message(_message(mail))
    except smtplib.SMTPServerDisconnected:
        raise
    except (smtplib.SMTPException, ValueError) as error:
        _note_failure(mail, error)
        return
    with unit_of_work():
        mail.state, mail.problem, mail.text = MailState.SENT, "", ""


def _message(mail: Mail) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = current_app.config["MAIL_FROM"], mail.recipient, mail.subject
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=_domain())
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notices in answer
    message.set_content(mail.text)
    return message


def _domain() -> str:
    return str(current_app.config["MAIL_FROM"]).rpartition("@")[2].rstrip("> ") or "localhost"


def _note_failure(mail: Mail, error: Exception) -> None:
    """Try again later, unless the server has said for good that it does not want the mail (RFC 5321, 4.2.1: 5yz)."""
    log.warning("mail %d to %s is not delivered (try %d): %s", mail.id, mail.recipient, mail.tries, error)
    with unit_of_work():
        mail.problem = str(error)[:300]
        if _for_good(error) or mail.tries > len(AGAIN_AFTER_MINUTES):
            mail.state = MailState.FAILED
        else:
            mail.due_ms = clock.now_ms() + AGAIN_AFTER_MINUTES[mail.tries - 1] * 60_000


def _for_good(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, ValueError) or (isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500)
