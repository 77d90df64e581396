"""The outbox: what mail waits, was sent or failed; without a mail server, administrators read it here."""

from __future__ import annotations

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.extensions import db
from app.kernel import mail, navigation, paging
from app.kernel.access import Who, allows
from app.kernel.errors import NotFound
from app.kernel.mail import Mail
from app.kernel.permissions import Permission

bp = Blueprint("outbox", __name__, url_prefix="/system/outbox")


def register(app: Flask) -> None:
    """Open the page."""
    app.register_blueprint(bp)
    navigation.add(
        navigation.Entry(
            _l("Outbox"), "outbox.index", order=90, needs=(Permission.SYSTEM_ADMIN,), group=navigation.SYSTEM
        )
    )


@bp.get("")
@allows(Who.HOLDER, Permission.SYSTEM_ADMIN)
def index() -> ResponseReturnValue:
    """List mail, newest first."""
    page = paging.page_of(select(Mail).order_by(Mail.id.desc()), paging.wanted())
    server = f"{current_app.config['SMTP_HOST']}:{current_app.config['SMTP_PORT']}" if mail.is_configured() else ""
    return render_template("kernel/outbox.html", page=page, server=server)


@bp.get("/<int:mail_id>")
@allows(Who.HOLDER, Permission.SYSTEM_ADMIN)
def show(mail_id: int) -> ResponseReturnValue:
    """Show one mail."""
    return render_template("kernel/mail.html", mail=_mail(mail_id))


@bp.post("/<int:mail_id>/delivery")
@allows(Who.HOLDER, Permission.SYSTEM_ADMIN)
def again(mail_id: int) -> ResponseReturnValue:
    """Send a failed mail once more."""
    mail.try_again(_mail(mail_id))
    flash(_("The mail is sent once more."))
    return redirect(url_for("outbox.index"))


def _mail(mail_id: int) -> Mail:
    found = db.session.get(Mail, mail_id)
    if found is None:
        raise NotFound
    return found
