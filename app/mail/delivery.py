"""Delivery: the jobs process hands over the due mails, at a pace that mail servers accept."""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app
from sqlalchemy import delete, select, update

from app.extensions import db
from app.kernel import clock
from app.kernel.queue import Job
from app.kernel.unit_of_work import unit_of_work
from app.mail.letter import Letter
from app.mail.models import Mail, MailState
from app.mail.services import is_configured, pace

log = logging.getLogger(__name__)

TIMEOUT_S = 15
CLAIMED_MS = 120_000
"""Time for which a mail in delivery belongs to its job. After it that job is dead."""
AGAIN_AFTER_MINUTES = (1, 5, 15, 60, 240, 720, 1440)
"""Delays between tries, almost two days in all."""
KEPT_DAYS = 30


def send_due() -> None:
    """Claim the due mails, as many as may go in this second, and queue their delivery. The clockwork calls it."""
    now = clock.now_ms()
    most = _most_in(now // 1000)
    if not is_configured() or not most:
        return
    waits = (Mail.state == MailState.WAITING, Mail.due_ms <= now)
    due = db.session.scalars(select(Mail.id).where(*waits).order_by(Mail.bulk, Mail.due_ms, Mail.id).limit(most)).all()
    if not due:
        return
    claim = now + CLAIMED_MS
    with unit_of_work():
        mine = update(Mail).where(Mail.id.in_(due), *waits).values(due_ms=claim).returning(Mail.id)
        claimed = sorted(db.session.scalars(mine))
    if claimed:
        deliver.later(claimed, claim)


def forget_old() -> None:
    """Remove mails that are a month old. The clockwork calls it."""
    with unit_of_work():
        db.session.execute(delete(Mail).where(Mail.created_ms < clock.now_ms() - KEPT_DAYS * 86_400_000))


def _most_in(second: int) -> int:
    """Return the number of mails for a second (since 1970), so that each minute gets its full number."""
    rate = pace()
    return (second + 1) * rate // 60 - second * rate // 60


def _deliver(mail_ids: list[int], claim: int) -> None:
    """Deliver mails over one connection, and note each result. `claim` is the `due_ms` that claims them."""
    still_claimed = (Mail.id.in_(mail_ids), Mail.state == MailState.WAITING, Mail.due_ms == claim)
    if db.session.scalar(select(Mail.id).where(*still_claimed).limit(1)) is None:
        return  # this job is late: the mails were claimed again or put off
    try:
        with _server() as server:
            for mail_id in mail_ids:
                mail = _begin(mail_id, claim)
                if mail is not None:
                    _hand_over(server, mail)
    except OSError as error:
        for mail_id in mail_ids:
            mail = _begin(mail_id, claim)
            if mail is not None:
                _note_failure(mail, error)
        _pause()


deliver = Job(_deliver)


def _begin(mail_id: int, claim: int) -> Mail | None:
    """Return a claimed mail for one try. `None` means that another job has it by now."""
    taken = update(Mail).where(Mail.id == mail_id, Mail.state == MailState.WAITING, Mail.due_ms == claim)
    trying = {"tries": Mail.tries + 1, "due_ms": clock.now_ms() + CLAIMED_MS + 1}
    with unit_of_work():
        mail = db.session.scalar(taken.values(trying).returning(Mail))
        if mail is not None and mail.tries > len(AGAIN_AFTER_MINUTES) + 1:
            mail.state, mail.problem = MailState.FAILED, "the delivery broke off each time"
            return None
    return mail


def _pause() -> None:
    """Put off all waiting mails, claimed or not: while the server is gone, each costs the jobs process a timeout."""
    until = clock.now_ms() + CLAIMED_MS
    with unit_of_work():
        due = update(Mail).where(Mail.state == MailState.WAITING, Mail.due_ms < until)
        db.session.execute(due.values(due_ms=until))


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
    """Send one mail to the server. A refusal concerns this mail alone, a broken line all of them."""
    try:
        letter = _letter(mail)
        options = ("SMTPUTF8", "BODY=8BITMIME") if letter.is_international else ()
        server.sendmail(letter.sender_address, [mail.recipient], letter.to_bytes(), mail_options=options)
    except (OSError, ValueError) as error:  # smtplib's errors are OSErrors too
        _note_failure(mail, error)
        of_this_mail = isinstance(error, ValueError | smtplib.SMTPException)
        if not of_this_mail or isinstance(error, smtplib.SMTPServerDisconnected):
            raise
        return
    with unit_of_work():
        mail.state, mail.problem, mail.text, mail.calendar = MailState.SENT, "", "", ""


def _letter(mail: Mail) -> Letter:
    return Letter(
        sender=current_app.config["MAIL_FROM"],
        recipient=mail.recipient,
        subject=mail.subject,
        text=mail.text,
        calendar=mail.calendar,
        unsubscribe=mail.unsubscribe,
        message_id=mail.message_id,
        reply_to=mail.reply_to,
    )


def _note_failure(mail: Mail, error: Exception) -> None:
    """Put a mail off, unless the server has refused it for good (RFC 5321, 4.2.1: 5yz)."""
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
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code >= 500
    # an unwritable mail is a ValueError; a bad certificate is one as well, but also an OSError
    return isinstance(error, smtplib.SMTPNotSupportedError) or not isinstance(error, OSError)
