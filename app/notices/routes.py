"""Pages for invitations to a lesson, and for a person's wishes for mails."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts import queries as accounts
from app.accounts.models import User
from app.extensions import csrf, limiter
from app.kernel import paging, web
from app.kernel.access import Who, allows
from app.kernel.errors import AppError, NotFound
from app.kernel.forms import told
from app.live.access import for_lesson
from app.live.models import LiveSession
from app.live.views import row_of
from app.mail import services as mail
from app.notices import queries, services
from app.notices import wishes as wishing
from app.notices.push import keys
from app.notices.push import queries as push
from app.notices.views import invitation_view
from app.units import queries as units
from app.units.models import Unit

bp = Blueprint("notices", __name__)

MOST_UNITS = 100
MOST_FOUND = 10


@bp.get("/live/<live_id>/invitations")
@for_lesson(Who.PRESENTER)
def invitations(live: LiveSession) -> ResponseReturnValue:
    """Show the people to invite, and the progress of earlier invitations."""
    return _invitations(live)


@bp.post("/live/<live_id>/invitations")
@limiter.limit("20 per hour", key_func=accounts.asker)
@for_lesson(Who.PRESENTER)
def invite(live: LiveSession) -> ResponseReturnValue:
    """Invite the audience, or chosen units of it."""
    words = request.form.get("words", "")
    chosen = _chosen(live) if request.form.get("whom") == "units" else []
    if request.form.get("whom") == "units" and not chosen:
        return _invitations(live, problem=_("Choose at least one unit."), words=words), 422
    try:
        notice = services.invite(live, chosen, words=words, by=accounts.me())
    except AppError as error:
        return _invitations(live, problem=told(error), words=words, chosen=chosen), error.status
    flash(ngettext("%(num)d colleague is invited.", "%(num)d colleagues are invited.", notice.total))
    return redirect(url_for("notices.invitations", live_id=live.id))


@bp.delete("/live/<live_id>/invitations/<notice_id>")
@for_lesson(Who.PRESENTER)
def stop(live: LiveSession, notice_id: str) -> ResponseReturnValue:
    """Stop writing mails of an invitation."""
    found = next((one for one in queries.invitations_of(live) if one.id == notice_id), None)
    if found is None:
        raise NotFound
    services.stop(found)
    flash(ngettext("Stopped after %(num)d letter.", "Stopped after %(num)d letters.", found.written))
    return redirect(url_for("notices.invitations", live_id=live.id))


@bp.get("/live/<live_id>/invitations/units")
@for_lesson(Who.PRESENTER)
def find_units(live: LiveSession) -> ResponseReturnValue:
    """Show units to invite. The picker asks while the person types."""
    q = paging.sought()
    found = queries.units_beneath(live, q, MOST_FOUND) if q else []
    return render_template("notices/_found.html", q=q, units=_named(found))


@bp.get("/account/mail")
@allows(Who.SIGNED_IN)
def wishes() -> ResponseReturnValue:
    """Show the person's wishes for mails, and her calendar address."""
    user = accounts.me()
    feed = queries.feed_of(user)
    address = web.absolute("calendar.feed", key=feed.key) if feed else ""
    return render_template(
        "notices/wishes.html",
        email=user.email,
        wants={kind: wishing.wants(user, kind) for kind in wishing.KINDS},
        address=address,
        webcal=f"webcal://{address.partition('://')[2]}" if address else "",
        push_key=keys.public_key(),
        device=push.device_here(user),
    )


@bp.post("/account/mail")
@allows(Who.SIGNED_IN)
def wish() -> ResponseReturnValue:
    """Store the person's wishes for mails."""
    for kind in wishing.KINDS:
        wishing.set_wish(accounts.me(), kind, kind in request.form)
    flash(_("Saved."))
    return redirect(url_for("notices.wishes"))


@bp.post("/account/calendar")
@allows(Who.SIGNED_IN)
def renew_feed() -> ResponseReturnValue:
    """Make a calendar address, or replace the old one."""
    wishing.renew_feed(accounts.me())
    flash(_("Your calendar has an address."))
    return redirect(url_for("notices.wishes"))


@bp.get("/mail/<token>")
@allows(Who.SIGNATURE)
def unsubscribe(token: str) -> ResponseReturnValue:
    """Ask for the press that ends mails, because programs that scan mails follow links."""
    user, kind = wishing.named_by(token)
    return _unsubscribe_page(token, user, kind)


@bp.post("/mail/<token>")
@csrf.exempt  # type: ignore[untyped-decorator]
@allows(Who.SIGNATURE)
def end_mails(token: str) -> ResponseReturnValue:
    """End mails of a kind. Mail programs send this by themselves (RFC 8058, 3.1), without cookies."""
    user, kind = wishing.named_by(token)
    wishing.set_wish(user, kind, False)
    return _unsubscribe_page(token, user, kind)


@bp.delete("/mail/<token>")
@allows(Who.SIGNATURE)
def want_mails(token: str) -> ResponseReturnValue:
    """Let mails of a kind come again."""
    user, kind = wishing.named_by(token)
    wishing.set_wish(user, kind, True)
    return _unsubscribe_page(token, user, kind)


def _invitations(live: LiveSession, *, problem: str = "", words: str = "", chosen: list[Unit] | None = None) -> str:
    return render_template(
        "notices/invitations.html",
        live=row_of(live, accounts.viewer()),
        audience=live.audience_unit.name,
        reach=queries.count_audience(live),
        sent=[invitation_view(notice) for notice in queries.invitations_of(live)],
        problem=problem,
        words=words,
        chosen=_named(chosen or []),
        pace=mail.pace() if mail.is_configured() else 0,
        longest=services.LONGEST_WORDS,
    )


def _chosen(live: LiveSession) -> list[Unit]:
    typed = request.form.getlist("units")[:MOST_UNITS]
    ids = [int(one) for one in typed if one.isdecimal() and len(one) < 10]
    return list(queries.units_chosen(live, ids))


def _named(found: Sequence[Unit]) -> list[dict[str, object]]:
    names = units.full_names(found)
    return [{"id": unit.id, "name": names[unit.id]} for unit in found]


def _unsubscribe_page(token: str, user: User, kind: str) -> str:
    if kind not in wishing.KINDS:
        raise NotFound
    return render_template(
        "notices/unsubscribe.html", token=token, email=user.email, kind=kind, wanted=wishing.wants(user, kind)
    )
