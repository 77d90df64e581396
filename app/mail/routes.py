"""The outbox: mails that wait, were sent or failed. Without a mail server, administrators read them here."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Select, func, or_, select

from app.extensions import db
from app.kernel import paging
from app.kernel.access import Who, allows
from app.kernel.errors import NotFound
from app.kernel.permissions import Permission
from app.mail import events, services
from app.mail.models import Mail, MailState

bp = Blueprint("outbox", __name__, url_prefix="/system/outbox")


@bp.get("")
@allows(Who.HOLDER, Permission.SYSTEM_ADMIN)
def index() -> ResponseReturnValue:
    """List mail, newest first."""
    q, state = paging.sought(), paging.choice("state", MailState, None)
    failed = db.session.scalar(select(func.count()).where(Mail.state == MailState.FAILED)) or 0
    return render_template(
        "mail/outbox.html",
        page=paging.page_of(_wanted(q, state), paging.wanted()),
        q=q,
        state=state,
        failed=failed,
        way=_way(),
        sender=current_app.config["MAIL_FROM"],
        site_known=bool(current_app.config["PUBLIC_URL"]),
    )


@bp.get("/<int:mail_id>")
@allows(Who.HOLDER, Permission.SYSTEM_ADMIN)
def show(mail_id: int) -> ResponseReturnValue:
    """Show one mail."""
    found = db.session.get(Mail, mail_id)
    if found is None:
        raise NotFound
    if found.text:
        events.was_read.send(found)
    return render_template("mail/mail.html", mail=found, site_known=bool(current_app.config["PUBLIC_URL"]))


@bp.post("/<int:mail_id>/delivery")
@allows(Who.HOLDER, Permission.SYSTEM_ADMIN)
def again(mail_id: int) -> ResponseReturnValue:
    """Send a failed mail once more."""
    if db.session.get(Mail, mail_id) is None:
        raise NotFound
    return _said(services.try_again(mail_id))


@bp.post("/deliveries")
@allows(Who.HOLDER, Permission.SYSTEM_ADMIN)
def again_all() -> ResponseReturnValue:
    """Send all failed mails once more, for example after the server was away or set up wrongly."""
    return _said(services.try_again())


def _said(count: int) -> ResponseReturnValue:
    flash(ngettext("%(num)d mail is sent once more.", "%(num)d mails are sent once more.", count))
    return redirect(url_for("outbox.index"))


def _wanted(q: str, state: MailState | None) -> Select[Mail]:
    wanted = select(Mail).order_by(Mail.id.desc())
    if q:
        wanted = wanted.where(
            or_(Mail.recipient.startswith(q.lower(), autoescape=True), Mail.subject.contains(q, autoescape=True))
        )
    return wanted.where(Mail.state == state) if state else wanted


def _way() -> str:
    """Return the mail server and its protection in words. Empty means that there is none."""
    config = current_app.config
    if not services.is_configured():
        return ""
    protected = {"none": _("unprotected"), "starttls": "STARTTLS", "tls": "TLS"}[config["SMTP_SECURITY"]]
    return f"{config['SMTP_HOST']}:{config['SMTP_PORT']} ({protected})"
