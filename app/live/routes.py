"""Pages about lessons: introduction, a new one, mine."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import segno
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.models import User
from app.kernel import clock, web
from app.kernel.access import Who, allows, holds
from app.kernel.errors import SignInFirst
from app.kernel.forms import refuse
from app.kernel.permissions import Permission
from app.live import queries, services
from app.live.errors import SubjectExists
from app.live.forms import LiveForm
from app.live.models import Audience, LiveSession
from app.live.policies import May, home_for_sessions, permissions_of
from app.live.views import audience_choices, next_step, view_of
from app.live.window import next_half_hour_ms

bp = Blueprint("live", __name__, url_prefix="/live")


@bp.get("/mine")
@allows(Who.SIGNED_IN)
def mine() -> ResponseReturnValue:
    """List what I teach."""
    user = _teacher()
    return render_template(
        "live/mine.html",
        lives=[view_of(live, user) for live in queries.mine(user)],
        may_create=holds(Permission.LIVE_MANAGE),
    )


@bp.get("/new")
@allows(Who.HOLDER, Permission.LIVE_MANAGE)
def new() -> ResponseReturnValue:
    """Show the form of a new lesson, beginning at the next half hour: whoever wants to begin at once may."""
    begins = clock.to_datetime(next_half_hour_ms(clock.now_ms())).astimezone(web.zone()).replace(tzinfo=None)
    return _form_page(_form(starts_at=begins, ends_at=begins + timedelta(hours=1)))


@bp.post("/new")
@allows(Who.HOLDER, Permission.LIVE_MANAGE)
def create() -> ResponseReturnValue:
    """Make the lesson and open its studio."""
    form = _form()
    if not form.validate_on_submit():
        return _form_page(form), 422
    teacher = _teacher()
    try:
        live = services.schedule(owner=teacher, unit=home_for_sessions(teacher), **_said(form))
    except SubjectExists as error:
        return _taken(form, error)
    return redirect(url_for("classroom.studio", live_id=live.id))


@bp.get("/<live_id>/plan")
@allows(Who.PRESENTER)
def plan(live_id: str) -> ResponseReturnValue:
    """Show the form of a lesson that is planned already."""
    live = queries.live_for(queries.viewer(), live_id, May.DIRECT)
    zone = web.zone()
    form = _form(
        live,
        subject=live.subject,
        starts_at=clock.to_datetime(live.starts_at_ms).astimezone(zone),
        ends_at=clock.to_datetime(live.ends_at_ms).astimezone(zone),
        audience=str(live.audience),
        abstract=live.abstract,
        recording_default=live.recording,
    )
    return _form_page(form, live)


@bp.post("/<live_id>/plan")
@allows(Who.PRESENTER)
def plan_anew(live_id: str) -> ResponseReturnValue:
    """Change what is planned."""
    live = queries.live_for(queries.viewer(), live_id, May.DIRECT)
    form = _form(live)
    if live.is_running:  # what cannot be changed any more is not sent by the page
        form.keep(live)
    if not form.validate_on_submit():
        return _form_page(form, live), 422
    try:
        services.plan_anew(live, **_said(form))
    except SubjectExists as error:
        return _taken(form, error, live)
    flash(_("Saved."))
    return redirect(url_for("live.page", live_id=live.id))


@bp.delete("/<live_id>/plan")
@allows(Who.PRESENTER)
def delete(live_id: str) -> ResponseReturnValue:
    """Delete a lesson that has not begun."""
    live = queries.live_for(queries.viewer(), live_id, May.DIRECT)
    services.delete(live)
    flash(_("“%(subject)s” is deleted.", subject=live.subject))
    return redirect(url_for("live.mine"))


@bp.get("/<live_id>")
@allows(Who.ANYONE)
def page(live_id: str) -> ResponseReturnValue:
    """Show the introduction page (直播介绍页)."""
    user = queries.viewer()
    live = queries.announced_to(user, live_id)
    may_watch = May.WATCH in permissions_of(user, live)
    return render_template("live/page.html", live=view_of(live, user), step=next_step(live, user, may_watch=may_watch))


@bp.get("/<live_id>/qr.svg")
@allows(Who.ANYONE)
def qr(live_id: str) -> ResponseReturnValue:
    """Draw the introduction page's address for a phone's camera (ISO/IEC 18004)."""
    live = queries.announced_to(queries.viewer(), live_id)
    image = io.BytesIO()
    code = segno.make(url_for("live.page", live_id=live.id, _external=True), error="m")
    code.save(image, kind="svg", scale=4, border=4, xmldecl=False, svgns=True)
    return Response(image.getvalue(), mimetype="image/svg+xml", headers={"Cache-Control": "private, max-age=3600"})


def _form(live: LiveSession | None = None, **given: object) -> LiveForm:
    form = LiveForm(**given)
    form.planned = live
    form.audience.choices = audience_choices(live.unit if live else home_for_sessions(_teacher()))
    if request.form.get("offered"):  # the press on "use this subject"
        form.subject.data = request.form["offered"]
    return form


def _form_page(form: LiveForm, live: LiveSession | None = None, *, offered: str = "") -> str:
    shown = view_of(live, queries.viewer()) if live else None
    running = live is not None and live.is_running
    return render_template("live/form.html", form=form, live=shown, running=running, offered=offered)


def _said(form: LiveForm) -> dict[str, Any]:
    return {
        "subject": form.subject.data or "",
        "abstract": form.abstract.data or "",
        "audience": Audience(form.audience.data),
        "recording": form.recording_default.data,
        "starts_at_ms": form.starts_at_ms,
        "ends_at_ms": form.ends_at_ms,
    }


def _taken(form: LiveForm, error: SubjectExists, live: LiveSession | None = None) -> ResponseReturnValue:
    refuse(form.subject, error)
    return _form_page(form, live, offered=error.offered), error.status


def _teacher() -> User:
    user = queries.viewer()
    if user is None:
        raise SignInFirst
    return user
